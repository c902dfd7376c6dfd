import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";

/** JSON Schema, as far as events need it. */
export interface ValueSchema {
  readonly type?: string | readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, ValueSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: ValueSchema | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly anyOf?: readonly ValueSchema[] | undefined;
  readonly oneOf?: readonly ValueSchema[] | undefined;
  readonly additionalProperties?: boolean | ValueSchema | undefined;
  readonly [keyword: string]: unknown;
}

const Value: z.ZodType<ValueSchema> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    properties: z.record(z.string(), Value).optional(),
    required: z.array(z.string()).optional(),
    items: Value.optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(Value).optional(),
    oneOf: z.array(Value).optional(),
    additionalProperties: z.union([z.boolean(), Value]).optional(),
  }),
);

/** One message at one version. */
const EventEntry = z.strictObject({
  /** Where it is published: unique. */
  subject: z.string().min(1),
  description: z.string(),
  producer: z.string().min(1),
  /** Services that handle it. */
  consumers: z.array(z.string()),
  /** The field by which messages are kept in order. */
  key: z.string(),
  schema: Value,
});

export type EventEntry = z.output<typeof EventEntry>;

/** The form of the file that `events` of `check.config.ts` names. */
export const EventsFile = z.strictObject({ events: z.array(EventEntry) });

export interface ReadEvents {
  readonly events: readonly EventEntry[];
  /** Where a part of an event stands in the text, from 1; the event itself where it has no such part. */
  placeOf(subject: string, part?: readonly string[]): { readonly line: number; readonly column: number };
}

export type EventsResult =
  | ({ readonly kind: "read" } & ReadEvents)
  | { readonly kind: "malformed"; readonly message: string; readonly line: number; readonly column: number };

export const readEvents = (text: string): EventsResult => {
  const places = placesIn(text);
  const malformed = (message: string, path: readonly PropertyKey[]): EventsResult => ({
    kind: "malformed",
    message,
    ...places().at(path),
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: "malformed", message: "It is no JSON.", ...places().error(messageOf(error)) };
  }
  const parsed = EventsFile.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    return malformed(`${path.map(String).join(".")}: ${issue?.message ?? "malformed"}`, path);
  }
  const { events } = parsed.data;
  const twice = events.findIndex(({ subject }, index) => events.findIndex((one) => one.subject === subject) < index);
  if (twice >= 0) return malformed(`${events[twice]?.subject} is there twice.`, ["events", twice]);
  return {
    kind: "read",
    events,
    placeOf(subject, part = []) {
      const index = events.findIndex((one) => one.subject === subject);
      return places().at(["events", index, ...(part.length > 0 ? part : ["subject"])]);
    },
  };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface Place {
  readonly line: number;
  readonly column: number;
}

/** JSON is YAML, whose parser tells places. It takes ten times as long as JSON's, and is asked only where there is something to say. */
const placesIn = (text: string) => {
  let parsed: { at(path: readonly PropertyKey[]): Place; error(message: string): Place } | undefined;
  return () => {
    if (parsed) return parsed;
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const place = (offset: number): Place => {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    };
    parsed = {
      at: (path) => place(offsetOf(document, path)),
      // What is YAML all the same, such as a comma too many, only JSON's own parser takes offence at.
      error: (message) => place(document.errors[0]?.pos[0] ?? Number(/position (\d+)/.exec(message)?.[1] ?? 0)),
    };
    return parsed;
  };
};

/** Of the key, where it is an entry of a map; of the innermost part that there is, otherwise. */
const offsetOf = (document: Document, path: readonly PropertyKey[]): number => {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = length > 1 ? document.getIn(path.slice(0, length - 1), true) : document.contents;
    const last = path[length - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node: unknown = pair && isPair(pair) ? pair.key : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
};
