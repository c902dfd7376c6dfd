import type { ValidationError } from "@apollo/composition";
import { operationToDocument } from "@apollo/federation-internals";
import { print } from "graphql";

/** A field of the API that no way through the subgraphs leads to. */
export interface Unsatisfiable {
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
  coordinate: lastCoordinateOf(error),
  query: print(operationToDocument(error.witness)),
  reasons: reasonsOf(error.message),
});

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
  const [, prose = ""] = message.split("cannot be satisfied by the subgraphs because:\n");
  const reasons: UnsatisfiableReason[] = [];
  let from = "";
  for (const line of prose.split("\n")) {
    const subgraph = /^- from subgraph "([^"]+)":(.*)$/.exec(line);
    if (subgraph?.[1] !== undefined) from = subgraph[1];
    const text = (subgraph?.[2] ?? /^ {2}- (.*)$/.exec(line)?.[1] ?? "").trim().replace(/\.$/, "");
    if (text !== "") reasons.push({ from, to: /to subgraph "([^"]+)"/.exec(text)?.[1] ?? null, text });
  }
  return reasons;
};
