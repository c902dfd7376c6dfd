import type { CheckConfig } from "../check/config.ts";
import type { FindingCode } from "../findings/catalogue.ts";
import { type Finding, finding, type Side } from "../findings/finding.ts";
import type { Revision } from "../revisions/revision.ts";
import { type SchemaChange, schemaChanges } from "./event-schemas.ts";
import { type EventEntry, type ReadEvents, readEvents } from "./events-file.ts";

/** What a change does to versioned events. A field may be added to a version as optional; anything else is a new version. */
export const eventFindings = (head: Revision, base: Revision | null, config: CheckConfig): Finding[] => {
  const after = open(head, "head");
  const before = base === null ? null : open(base, "base");
  const unreadable = [after, before].flatMap((side) => (side && "finding" in side ? [side.finding] : []));
  if (unreadable.length > 0 || after === null || before === null) return unreadable;
  return compare(before as Catalogue, after as Catalogue, config);
};

interface Catalogue extends ReadEvents {
  readonly path: string;
  readonly side: Side;
}

const open = ({ events }: Revision, side: Side): Catalogue | { readonly finding: Finding } | null => {
  if (events === null) return null;
  const read = readEvents(events.text);
  if (read.kind === "read") return { ...read, path: events.path, side };
  const { message, line, column } = read;
  return {
    finding: finding("EVENTS_MALFORMED", {
      message,
      locations: [{ path: events.path, line, column, side }],
      ...(side === "base" ? { severity: "warning" } : {}),
    }),
  };
};

const compare = (before: Catalogue, after: Catalogue, { owners }: CheckConfig): Finding[] => {
  const former = new Map(before.events.map((event) => [event.subject, event]));
  const now = new Map(after.events.map((event) => [event.subject, event]));
  return [
    ...before.events.filter(({ subject }) => !now.has(subject)).map((event) => removed(event, before, owners)),
    ...after.events.flatMap((event) => {
      const was = former.get(event.subject);
      return was === undefined ? [added(event, after)] : changed(was, event, before, after, owners);
    }),
  ];
};

const place = (catalogue: Catalogue, subject: string, part?: readonly string[]) => [
  { path: catalogue.path, ...catalogue.placeOf(subject, part), side: catalogue.side },
];

const whoReads = ({ consumers }: EventEntry, owners: CheckConfig["owners"]): string[] =>
  consumers.length === 0
    ? ["no known consumer"]
    : consumers.map((name) => `handled by ${name}${owners[name] === undefined ? "" : `: ask ${owners[name]}`}`);

const removed = (event: EventEntry, before: Catalogue, owners: CheckConfig["owners"]): Finding => {
  const isHandled = event.consumers.length > 0;
  return finding(isHandled ? "EVENT_REMOVED" : "EVENT_RETIRED", {
    coordinate: event.subject,
    message: `${event.producer} does not send ${event.subject} any more.`,
    subgraphs: [event.producer, ...event.consumers],
    locations: place(before, event.subject),
    details: whoReads(event, owners),
  });
};

const added = ({ subject, producer }: EventEntry, after: Catalogue): Finding =>
  finding("EVENT_ADDED", {
    coordinate: subject,
    message: `${producer} sends ${subject}.`,
    subgraphs: [producer],
    locations: place(after, subject),
  });

const changed = (
  was: EventEntry,
  event: EventEntry,
  before: Catalogue,
  after: Catalogue,
  owners: CheckConfig["owners"],
): Finding[] => {
  const { subject } = event;
  const subgraphs = [event.producer, ...event.consumers];
  const details = whoReads(event, owners);
  const tell = (code: FindingCode, message: string, part: string): Finding =>
    finding(code, { coordinate: subject, message, subgraphs, details, locations: place(after, subject, [part]) });
  const gone = was.consumers.filter((consumer) => !event.consumers.includes(consumer));
  return [
    ...(was.producer === event.producer
      ? []
      : [
          tell(
            "EVENT_PRODUCER_CHANGED",
            `${subject} comes from ${event.producer}, no longer from ${was.producer}.`,
            "producer",
          ),
        ]),
    ...(was.key === event.key
      ? []
      : [tell("EVENT_KEY_CHANGED", `${subject} is kept in order by ${event.key}, no longer by ${was.key}.`, "key")]),
    ...gone.map((consumer) => ({
      ...tell("EVENT_CONSUMER_REMOVED", `${consumer} does not handle ${subject} any more.`, "consumers"),
      subgraphs: [consumer],
    })),
    ...schemaChanges(was.schema, event.schema).map((change) => fieldFinding(change, event, { before, after, details })),
  ];
};

const fieldFinding = (
  { code, field, at, text }: SchemaChange,
  { subject, producer, consumers }: EventEntry,
  { before, after, details }: { before: Catalogue; after: Catalogue; details: readonly string[] },
): Finding =>
  finding(code, {
    coordinate: subject,
    message: `${field === "" ? "The message" : `\`${field}\``} of ${subject} ${text}.`,
    subgraphs: [producer, ...consumers],
    locations: place(code === "EVENT_FIELD_REMOVED" ? before : after, subject, ["schema", ...at]),
    details,
  });
