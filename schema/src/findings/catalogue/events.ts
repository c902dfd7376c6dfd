import { kinds } from "../stages.ts";

/** What a change does to those who read events: they are deployed apart, and messages of yesterday are still under way. */
export const EVENT_KINDS = kinds({
  EVENTS_MALFORMED: {
    stage: "events",
    severity: "error",
    title: "The event contracts cannot be read",
    meaning: "Whether a change breaks consumers cannot be told.",
    remedy: "Write the file anew from the contracts, and commit it.",
  },
  EVENT_REMOVED: {
    stage: "events",
    severity: "error",
    title: "An event that somebody handles is gone",
    meaning: "Its consumers wait for what nobody sends any more.",
    remedy: "Send it until no consumer is left, then take the contract away.",
  },
  EVENT_RETIRED: {
    stage: "events",
    severity: "info",
    title: "An event that nobody handles is gone",
    meaning: "No known consumer handled it. Messages of it may still be kept by the broker.",
    remedy: "Nothing, if nobody outside of this repository reads it.",
  },
  EVENT_ADDED: {
    stage: "events",
    severity: "info",
    title: "A new event, or a new version of one",
    meaning: "Consumers can be written for it.",
    remedy: "Nothing. Of a new version, send the former one too until no consumer of it is left.",
  },
  EVENT_FIELD_REMOVED: {
    stage: "events",
    severity: "error",
    title: "A field of an event is gone",
    meaning: "Consumers that are deployed read it, and fail, or take it for absent.",
    remedy: "Keep it, or define a new version of the event beside this one.",
  },
  EVENT_FIELD_RETYPED: {
    stage: "events",
    severity: "error",
    title: "A field of an event has another type",
    meaning: "Consumers that are deployed cannot read it, nor can the new ones read what is under way.",
    remedy: "Leave it as it was, or define a new version of the event beside this one.",
  },
  EVENT_FIELD_REQUIRED: {
    stage: "events",
    severity: "error",
    title: "A field of an event must be there now",
    meaning:
      "Messages that are under way, and those of a producer that is not updated yet, lack it: the new consumers refuse them.",
    remedy: "Make it optional, or define a new version of the event beside this one.",
  },
  EVENT_FIELD_OPTIONAL: {
    stage: "events",
    severity: "error",
    title: "A field of an event may be missing now",
    meaning: "Consumers that are deployed count on it.",
    remedy: "Go on sending it, or define a new version of the event beside this one.",
  },
  EVENT_VALUES_NARROWED: {
    stage: "events",
    severity: "error",
    title: "A field of an event allows fewer values",
    meaning: "Messages that are under way may have a value that the new consumers refuse.",
    remedy: "Leave the values as they were, or define a new version of the event beside this one.",
  },
  EVENT_VALUES_WIDENED: {
    stage: "events",
    severity: "warning",
    title: "A field of an event allows more values",
    meaning: "Consumers that are deployed refuse, or do not expect, what is new.",
    remedy:
      "Deploy consumers that know the new values before the producer sends them, or define a new version of the event.",
  },
  EVENT_FIELD_ADDED: {
    stage: "events",
    severity: "info",
    title: "An event has another optional field",
    meaning: "Consumers ignore fields that they do not know.",
    remedy: "Nothing.",
  },
  EVENT_KEY_CHANGED: {
    stage: "events",
    severity: "error",
    title: "An event has another key",
    meaning:
      "Messages of one key are handled one after the other: what was in order before and after the change is not, between the two.",
    remedy: "Define a new version of the event beside this one.",
  },
  EVENT_PRODUCER_CHANGED: {
    stage: "events",
    severity: "error",
    title: "An event comes from somebody else",
    meaning: "It is in another stream: consumers that are deployed look for it in the former one.",
    remedy: "Let the former producer send it until no consumer of it is left.",
  },
  EVENT_CONSUMER_REMOVED: {
    stage: "events",
    severity: "info",
    title: "Somebody does not handle an event any more",
    meaning: "What is waiting for that consumer is handled by nobody.",
    remedy: "Delete the durable consumer from the broker once it is deployed.",
  },
});
