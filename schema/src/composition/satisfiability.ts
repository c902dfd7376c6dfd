import type { ValidationError } from "@apollo/composition";
import { operationToDocument } from "@apollo/federation-internals";
import { print } from "graphql";

/** Something of the API that no way through the subgraphs leads to. */
export interface Unsatisfiable {
  /**
   * `path`: a field that cannot be reached. `mutation`: a mutation of several subgraphs, none of which can answer all that it gives;
   * it is sent to one of them only.
   */
  readonly kind: "path" | "mutation";
  /** `User.email`, or the type where a type condition is what cannot be followed. */
  readonly coordinate: string;
  /** An operation that clients could send and nobody could answer. */
  readonly query: string;
  readonly reasons: readonly UnsatisfiableReason[];
}

/** Why it cannot be had from where the subgraph `from` has come to. */
export interface UnsatisfiableReason {
  readonly from: string;
  /** Where one would have to go; null where the reason is about `from` alone. */
  readonly to: string | null;
  /** Composition's own words, without the full stop. */
  readonly text: string;
}

export const unsatisfiableOf = (error: ValidationError): Unsatisfiable => ({
  kind: "path",
  coordinate: lastCoordinateOf(error),
  query: onOneLine(print(operationToDocument(error.witness))),
  reasons: reasonsOf(error.message),
});

/** Of this one there is nothing but prose, indented under each subgraph that has the mutation. Null for any other text. */
export const unsatisfiableMutationOf = (message: string): Unsatisfiable | null => {
  const [, coordinate] = /using the mutation field "([^"]+)" at top-level must be satisfiable/.exec(message) ?? [];
  if (coordinate === undefined) return null;
  const prose = message.replaceAll(/^ {2}/gm, "");
  const [, query = ""] = /supergraph API query:\n([\s\S]*?)\ncannot be satisfied/.exec(prose) ?? [];
  return { kind: "mutation", coordinate, query: onOneLine(query), reasons: reasonsOf(prose) };
};

const lastCoordinateOf = ({ supergraphUnsatisfiablePath: path }: ValidationError): string => {
  const transition = path.lastEdge()?.transition;
  if (transition?.kind === "FieldCollection") return transition.definition.coordinate;
  return transition?.kind === "DownCast" ? transition.castedType.name : path.tail.type.name;
};

/**
 * The reasons exist as prose only, one line for each subgraph, or for each reason below it:
 * `- from subgraph "a": cannot find field "T.f".`
 */
const reasonsOf = (message: string): UnsatisfiableReason[] => {
  const [, ...prose] = message.split("cannot be satisfied by the subgraphs because:\n");
  const reasons: UnsatisfiableReason[] = [];
  let from: string | null = null;
  for (const line of prose.join("\n").split("\n")) {
    const [, subgraph, rest] = /^- from subgraph "([^"]+)":(.*)$/.exec(line) ?? [];
    from = subgraph ?? (line.startsWith("  - ") ? from : null);
    const text = (rest ?? /^ {2}- (.*)$/.exec(line)?.[1] ?? "").trim().replace(/\.$/, "");
    if (from === null || text === "" || reasons.some((known) => known.from === from && known.text === text)) continue;
    reasons.push({ from, to: /to subgraph "([^"]+)"/.exec(text)?.[1] ?? null, text });
  }
  return reasons;
};

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
