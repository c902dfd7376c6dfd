import type { Unsatisfiable } from "./satisfiability.ts";

/** Why something cannot be reached, as far as composition's words tell. */
export type Cause =
  /** A subgraph gives a type and has no key of it. */
  | { readonly kind: "keyless"; readonly type: string; readonly subgraph: string }
  /** All its keys are `resolvable: false`. */
  | { readonly kind: "unresolvable"; readonly type: string; readonly subgraph: string }
  /** One of two subgraphs cannot give the key that the other asks for. */
  | {
      readonly kind: "noCommonKey";
      readonly type: string;
      readonly from: string;
      readonly to: string;
      readonly fields: string;
    }
  /** What a field requires cannot be had where the field is. */
  | { readonly kind: "unmetRequirement"; readonly type: string; readonly field: string; readonly subgraph: string }
  | { readonly kind: "unknown"; readonly type: string; readonly words: string };

/** The same for everything that suffers from it. */
export const idOf = (cause: Cause): string => {
  if (cause.kind !== "noCommonKey") return JSON.stringify(cause);
  // Each lacks the other's key: one and the same cause.
  return JSON.stringify([cause.kind, cause.type, ...[cause.from, cause.to].sort()]);
};

/** `Product in reviews`, where an error says that it has no key. Others only say that a key cannot be resolved from there. */
export const keylessIn = (all: readonly Unsatisfiable[]): ReadonlySet<string> =>
  new Set(
    all
      .flatMap(({ reasons }) => reasons.flatMap(({ text }) => withoutKey(text) ?? []))
      .filter(({ kind }) => kind === "keyless")
      .map(({ type, subgraph }) => `${type} in ${subgraph}`),
  );

/** The first of these that is told: a subgraph that has the field and no key; a key that cannot be given; what a field requires. */
export const causesOf = ({ coordinate, reasons }: Unsatisfiable, keyless: ReadonlySet<string>): readonly Cause[] => {
  const isKeyless = (type: string, subgraph: string): boolean => keyless.has(`${type} in ${subgraph}`);
  const told: readonly (readonly Cause[])[] = [
    reasons.flatMap(({ from, text }): Cause[] => {
      const cause = withoutKey(text);
      if (cause === null) return [];
      // Where neither has one, either would need one.
      return isKeyless(cause.type, from) ? [cause, { kind: "keyless", type: cause.type, subgraph: from }] : [cause];
    }),
    reasons.flatMap(({ text }): Cause[] => {
      const cause = keyOutOfReach(text);
      if (cause === null) return [];
      const { type, from } = cause;
      return [isKeyless(type, from) ? { kind: "keyless", type, subgraph: from } : cause];
    }),
    reasons.flatMap(({ from, text }): Cause[] => {
      const [, field] = /cannot satisfy @require conditions on field "([^"]+)"/.exec(text) ?? [];
      return field === undefined ? [] : [{ kind: "unmetRequirement", type: typeOf(field), field, subgraph: from }];
    }),
  ];
  return told.find((causes) => causes.length > 0) ?? [unknown(coordinate, reasons)];
};

const withoutKey = (text: string): Extract<Cause, { kind: "keyless" | "unresolvable" }> | null => {
  const [, missing, there] =
    /(?:type|interface) "([^"]+)" has no @key defined in subgraph "([^"]+)"/.exec(text) ??
    /missing usable key on "([^"]+)" in subgraph "([^"]+)"/.exec(text) ??
    [];
  if (missing !== undefined && there !== undefined) return { kind: "keyless", type: missing, subgraph: there };
  const [, type, subgraph] =
    /@key defined on (?:type|interface) "([^"]+)" in subgraph "([^"]+)" are resolvable/.exec(text) ?? [];
  return type === undefined || subgraph === undefined ? null : { kind: "unresolvable", type, subgraph };
};

const OUT_OF_REACH =
  /to subgraph "([^"]+)" using @key\(fields: "(.*)"\) of "([^"]+)", the key field\(s\) cannot be resolved from subgraph "([^"]+)"/;

const keyOutOfReach = (text: string): Extract<Cause, { kind: "noCommonKey" }> | null => {
  const [, to, fields, type, from] = OUT_OF_REACH.exec(text) ?? [];
  if (to === undefined || fields === undefined || type === undefined || from === undefined) return null;
  return { kind: "noCommonKey", type, from, to, fields };
};

/** Those of one type that lack in the same words belong together. */
const unknown = (coordinate: string, reasons: Unsatisfiable["reasons"]): Cause => {
  const words = reasons.map(({ from, text }) => `${from}: ${text.replaceAll(`"${coordinate}"`, "it")}`);
  return { kind: "unknown", type: typeOf(coordinate), words: [...new Set(words)].sort().join("\n") };
};

export const typeOf = (coordinate: string): string => coordinate.split(".")[0] ?? coordinate;
