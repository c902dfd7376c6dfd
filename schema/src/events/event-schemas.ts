import { isDeepStrictEqual } from "node:util";
import type { FindingCode } from "../findings/catalogue.ts";
import type { ValueSchema } from "./events-file.ts";

export interface SchemaChange {
  readonly code: FindingCode & `EVENT_${string}`;
  /** `lines[].quantity`; empty for the whole message. */
  readonly field: string;
  /** Keys down to it in the schema. */
  readonly at: readonly string[];
  /** Completes a sentence that begins with the field. */
  readonly text: string;
}

/** What is different for whoever reads or writes messages. */
export const schemaChanges = (before: ValueSchema, after: ValueSchema): SchemaChange[] =>
  compareValues(before, after, { field: "", at: [] });

interface Place {
  readonly field: string;
  readonly at: readonly string[];
}

const compareValues = (before: ValueSchema, after: ValueSchema, place: Place): SchemaChange[] => {
  if (isDeepStrictEqual(before, after)) return [];
  const kinds = [kindOf(before), kindOf(after)] as const;
  if (kinds[0] !== kinds[1])
    return [{ ...place, code: "EVENT_FIELD_RETYPED", text: `is ${kinds[1]}, and was ${kinds[0]}` }];
  return [
    ...compareProperties(before, after, place),
    ...(before.items && after.items
      ? compareValues(before.items, after.items, { field: `${place.field}[]`, at: [...place.at, "items"] })
      : []),
    ...compareEntries(before, after, place),
    ...compareAlternatives(before, after, place),
    ...compareEnums(before, after, place),
    ...compareLimits(before, after, place),
  ];
};

const kindOf = ({ type, anyOf, oneOf, enum: values, const: constant, format }: ValueSchema): string => {
  if (anyOf || oneOf) return "one of several";
  if (type !== undefined) return [type].flat().join(" or ") + (format === undefined ? "" : ` (${String(format)})`);
  if (values !== undefined || constant !== undefined) return typeof (values?.[0] ?? constant);
  return "anything";
};

const compareProperties = (before: ValueSchema, after: ValueSchema, place: Place): SchemaChange[] => {
  const was = before.properties ?? {};
  const now = after.properties ?? {};
  const required = { was: new Set(before.required), now: new Set(after.required) };
  const at = (name: string): Place => ({
    field: place.field === "" ? name : `${place.field}.${name}`,
    at: [...place.at, "properties", name],
  });
  return [
    ...Object.keys(was)
      .filter((name) => !Object.hasOwn(now, name))
      .map((name): SchemaChange => ({ ...at(name), code: "EVENT_FIELD_REMOVED", text: "is gone" })),
    ...Object.entries(now).flatMap(([name, schema]): SchemaChange[] => {
      const former = Object.hasOwn(was, name) ? was[name] : undefined;
      if (former === undefined)
        return required.now.has(name)
          ? [{ ...at(name), code: "EVENT_FIELD_REQUIRED", text: "is new, and must be there" }]
          : [{ ...at(name), code: "EVENT_FIELD_ADDED", text: "is new" }];
      const presence: SchemaChange[] =
        required.was.has(name) === required.now.has(name)
          ? []
          : required.now.has(name)
            ? [{ ...at(name), code: "EVENT_FIELD_REQUIRED", text: "must be there now" }]
            : [{ ...at(name), code: "EVENT_FIELD_OPTIONAL", text: "may be missing now" }];
      return [...presence, ...compareValues(former, schema, at(name))];
    }),
  ];
};

/** Of maps from any name. */
const compareEntries = (before: ValueSchema, after: ValueSchema, place: Place): SchemaChange[] => {
  const was = before.additionalProperties;
  const now = after.additionalProperties;
  return typeof was === "object" && typeof now === "object"
    ? compareValues(was, now, { field: `${place.field}.*`, at: [...place.at, "additionalProperties"] })
    : [];
};

const compareAlternatives = (before: ValueSchema, after: ValueSchema, place: Place): SchemaChange[] => {
  const was = before.anyOf ?? before.oneOf ?? [];
  const now = after.anyOf ?? after.oneOf ?? [];
  return setChanges(was, now, place);
};

const compareEnums = (before: ValueSchema, after: ValueSchema, place: Place): SchemaChange[] => {
  const valuesOf = ({ enum: values, const: constant }: ValueSchema) =>
    values ?? (constant === undefined ? null : [constant]);
  const was = valuesOf(before);
  const now = valuesOf(after);
  if (was === null && now === null) return [];
  if (was === null) return [{ ...place, code: "EVENT_VALUES_NARROWED", text: `is one of ${told(now ?? [])} only` }];
  if (now === null) return [{ ...place, code: "EVENT_VALUES_WIDENED", text: `is no longer only one of ${told(was)}` }];
  return setChanges(was, now, place);
};

const setChanges = (was: readonly unknown[], now: readonly unknown[], place: Place): SchemaChange[] => {
  const missing = (of: readonly unknown[], other: readonly unknown[]) =>
    of.filter((value) => !other.some((one) => isDeepStrictEqual(one, value)));
  const gone = missing(was, now);
  const more = missing(now, was);
  return [
    ...(gone.length > 0
      ? [{ ...place, code: "EVENT_VALUES_NARROWED" as const, text: `can no longer be ${told(gone)}` }]
      : []),
    ...(more.length > 0
      ? [{ ...place, code: "EVENT_VALUES_WIDENED" as const, text: `can be ${told(more)}, too` }]
      : []),
  ];
};

const told = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(", ");

/** By the direction in which a limit lets in more. */
const LIMITS = {
  minimum: "down",
  exclusiveMinimum: "down",
  minLength: "down",
  minItems: "down",
  maximum: "up",
  exclusiveMaximum: "up",
  maxLength: "up",
  maxItems: "up",
} as const;

const compareLimits = (before: ValueSchema, after: ValueSchema, place: Place): SchemaChange[] => [
  ...Object.entries(LIMITS).flatMap(([keyword, wider]): SchemaChange[] => {
    const open = wider === "up" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    const [was, now] = [before, after].map((schema) => (typeof schema[keyword] === "number" ? schema[keyword] : open));
    if (was === undefined || now === undefined || was === now) return [];
    const isWider = wider === "up" ? now > was : now < was;
    const text = `has ${keyword} ${Number.isFinite(now) ? now : "none"}, and had ${Number.isFinite(was) ? was : "none"}`;
    return [{ ...place, code: isWider ? "EVENT_VALUES_WIDENED" : "EVENT_VALUES_NARROWED", text }];
  }),
  // Whether one pattern allows all that another does is not decidable in practice: whoever changes it may approve.
  ...(isDeepStrictEqual(before.pattern, after.pattern)
    ? []
    : [
        {
          ...place,
          code: after.pattern === undefined ? ("EVENT_VALUES_WIDENED" as const) : ("EVENT_VALUES_NARROWED" as const),
          text:
            after.pattern === undefined
              ? "follows no pattern any more"
              : `follows another pattern, ${String(after.pattern)}`,
        },
      ]),
];
