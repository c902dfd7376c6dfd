import type { Comparison } from "../check/comparison.ts";
import type { FindingFacts } from "../findings/finding.ts";
import { type Certainty, type OperationUse, usedCoordinates } from "../operations/coordinates.ts";
import { shareLine, trafficShares } from "../operations/traffic.ts";
import type { KnownOperation } from "../revisions/operations.ts";

/** Whether a change hurts an operation, by what it uses; null where it does not. */
export type Hurts = (use: OperationUse) => Certainty | null;

export const using =
  (coordinate: string): Hurts =>
  ({ used }) =>
    used.get(coordinate) ?? null;

export const omitting =
  (coordinate: string): Hurts =>
  ({ omitted }) =>
    omitted.get(coordinate) ?? null;

export const anyOf =
  (...all: readonly Hurts[]): Hurts =>
  (use) => {
    const given = all.map((hurts) => hurts(use));
    return given.find((certainty) => certainty === "certain") ?? given.find((certainty) => certainty !== null) ?? null;
  };

/** Whom a change hurts of those that are known. */
export interface KnownUse {
  /**
   * What is to be said of a change that breaks whom it hurts: an error where that is a known operation, or where none is known at all;
   * a warning where it is none that clients send from now on, with whom to ask.
   */
  judge(hurts: Hurts, subgraphs: readonly string[]): Pick<FindingFacts, "severity" | "details" | "remedy">;
  /** One line for each operation that it hurts. */
  evidence(hurts: Hurts): readonly string[];
}

/** Of the operations of the head, which clients send from now on, and of the texts of the base that it changed or dropped. */
export const knownUse = (comparison: Comparison): KnownUse => {
  const known = USES.get(comparison) ?? readKnownUse(comparison);
  USES.set(comparison, known);
  return known;
};

const USES = new WeakMap<Comparison, KnownUse>();

const readKnownUse = ({ head, base, config }: Comparison): KnownUse => {
  const current = head.revision.operations.operations;
  const texts = new Map(current.map(({ id, text }) => [id, text]));
  const former = base.revision.operations.operations.filter(({ id, text }) => texts.get(id) !== text);
  const shares = trafficShares(head.revision.operations);
  const requests = head.revision.operations.traffic;
  const uses = new Map<KnownOperation, OperationUse>();
  const useOf = (operation: KnownOperation): OperationUse => {
    const use = uses.get(operation) ?? usedCoordinates(base.api, operation.document);
    uses.set(operation, use);
    return use;
  };

  const hurtOf = (operations: readonly KnownOperation[], hurts: Hurts) =>
    operations
      .flatMap((operation) => {
        const certainty = hurts(useOf(operation));
        return certainty === null ? [] : [{ id: operation.id, certainty }];
      })
      .sort((a, b) => (requests?.get(b.id) ?? 0) - (requests?.get(a.id) ?? 0) || (a.id < b.id ? -1 : 1));
  const share = (id: string): string =>
    shareLine(shares.get(id))
      .map((line) => ` (${line})`)
      .join("");
  const linesOf = (hurts: Hurts): { readonly now: string[]; readonly before: string[] } => {
    const now = hurtOf(current, hurts);
    const told = new Set(now.map(({ id }) => id));
    return {
      now: now.map(({ id, certainty }) => `${id}${share(id)} ${AFFECTED[certainty]}`),
      before: hurtOf(former, hurts)
        .filter(({ id }) => !told.has(id))
        .map(({ id }) => `${id} is affected in its former text, which released clients may still send`),
    };
  };

  /** Owners of the subgraphs, then those of the clients that are known. */
  const whomToAsk = (subgraphs: readonly string[]): string => {
    const owners = subgraphs.map((name) => config.owners[name] ?? name);
    const clients = [...new Set(current.map(({ client }) => client))].flatMap((client) => config.owners[client] ?? []);
    return [...new Set([...owners, ...clients])].sort().join(", ");
  };

  return {
    evidence: (hurts) => {
      const { now, before } = linesOf(hurts);
      return atMost([...now, ...before]);
    },
    judge(hurts, subgraphs) {
      if (current.length + former.length === 0)
        return { severity: "error", details: ["No operation is known: whether anybody uses it is unknown."] };
      const { now, before } = linesOf(hurts);
      const details = atMost([...now, ...before]);
      if (now.length > 0) return { severity: "error", details };
      const ask = whomToAsk(subgraphs);
      if (before.length > 0)
        return {
          severity: "warning",
          details,
          remedy: `Wait until no released client sends the former texts, or ask ${ask} whether that can be told.`,
        };
      return {
        severity: "warning",
        details: [`No known operation is affected; unknown clients may be: ask ${ask}.`],
        remedy: `Ask ${ask} whether anything that is not known here uses it; add its operations where it does.`,
      };
    },
  };
};

const AFFECTED: Readonly<Record<Certainty, string>> = {
  certain: "is affected",
  possible: "may be affected, by what its variables hold",
};

const MOST = 20;

const atMost = (lines: readonly string[]): string[] =>
  lines.length <= MOST ? [...lines] : [...lines.slice(0, MOST), `and ${lines.length - MOST} more operations`];
