import { type EventEntry, readEvents } from "../events/events-file.ts";
import type { Revision } from "../revisions/revision.ts";

type Events = Revision["events"];

export interface PublishedEvents {
  /** What is to be live, as text; null where there are no contracts. */
  readonly published: string | null;
  /** What is checked, with the places of the file that it stands in. */
  readonly head: Events;
  /** What that is held against. */
  readonly base: Events;
}

/**
 * Event contracts belong to their producers: of what is published they are as its files have them, of all others as they are live. What cannot
 * be read is given as it is, for the check to tell.
 */
export const publishedEvents = (
  head: Events,
  { producers, live }: { readonly producers: ReadonlySet<string> | "all"; readonly live: Events },
): PublishedEvents => {
  // Who publishes without contracts says nothing of them.
  if (head === null) return { published: live?.text ?? null, head: live, base: live };
  const own = entriesOf(head);
  const others = entriesOf(live);
  if (own === null || others === null) return { published: head.text, head, base: live };
  const isPublished = ({ producer }: EventEntry): boolean => producers === "all" || producers.has(producer);
  const published = [...others.filter((one) => !isPublished(one)), ...own.filter(isPublished)];
  // Of others the file of whoever publishes has what they once had.
  const held = [...others.filter(isPublished), ...own.filter((one) => !isPublished(one))];
  return {
    published: published.length === 0 ? null : textOf(published),
    head,
    base: live && { path: live.path, text: textOf(held) },
  };
};

/** Null where they cannot be read. */
const entriesOf = (events: Events): readonly EventEntry[] | null => {
  if (events === null) return [];
  const read = readEvents(events.text);
  return read.kind === "read" ? read.events : null;
};

/** The same contracts, in any order and however they were laid out, are the same text. */
const textOf = (entries: readonly EventEntry[]): string =>
  `${JSON.stringify({ events: entries.toSorted((a, b) => (a.subject < b.subject ? -1 : 1)) }, null, 2)}\n`;
