import { closest } from "fastest-levenshtein";
import type { Changelog } from "../changelog/changelog.ts";
import type { Comparison } from "../check/comparison.ts";
import type { CheckConfig } from "../check/config.ts";
import type { ServableState } from "../check/state.ts";
import { type Ownership, readOwnership } from "../composition/ownership.ts";
import { type Explained, explain } from "../explain/explanation.ts";
import type { Finding } from "../findings/finding.ts";
import type { KnownOperation } from "../revisions/operations.ts";
import { UsageError } from "../usage-error.ts";
import type { PageOperation } from "./journey.ts";
import { mapOf } from "./map.ts";
import { renderPage } from "./page.ts";

/**
 * The page of a comparison, with the ways of all operations that are known of either state.
 * @throws UsageError when `chosen` is none of them.
 */
export const comparisonPage = (
  { base, head, config }: Comparison,
  changelog: Changelog,
  changes: readonly Finding[],
  chosen: string | undefined,
): string => {
  const before = { ...base, ownership: readOwnership(base.supergraphSdl) };
  const after = { ...head, ownership: readOwnership(head.supergraphSdl) };
  const known = new Map(
    [base, head].flatMap(({ revision }) => revision.operations.operations.map((one) => [one.id, one] as const)),
  );
  const operations = [...known.values()]
    .flatMap((operation) => pageOperation(operation, before, after, config))
    .sort((a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) || (a.id < b.id ? -1 : 1));
  return renderPage({
    changelog,
    map: mapOf(before, after, changes),
    operations,
    chosen: chosen === undefined ? null : idOf(chosen, operations),
  });
};

/** What is to be looked at first. */
const STATUSES: readonly PageOperation["status"][] = ["removed", "changed", "added", "same"];

type OwnedState = ServableState & { readonly ownership: Ownership };

/** None of what neither state can answer: nobody sends it. */
const pageOperation = (
  operation: KnownOperation,
  before: OwnedState,
  after: OwnedState,
  config: CheckConfig,
): PageOperation[] => {
  const { id } = operation;
  const [former, latter] = [before, after].map((state) => explain(operation, state, config, state.ownership));
  const was = former?.kind === "explained" ? former : null;
  if (latter?.kind === "explained") {
    const status = !was ? "added" : isSamePlan(was, latter) ? "same" : "changed";
    return [{ id, explained: latter, status, mistakes: [], before: was }];
  }
  const mistakes = latter?.kind === "invalid" ? latter.mistakes : [];
  return was ? [{ id, explained: was, status: "removed", mistakes, before: was }] : [];
};

const isSamePlan = (one: Explained, other: Explained): boolean =>
  JSON.stringify(one.tree) === JSON.stringify(other.tree);

const idOf = (chosen: string, operations: readonly PageOperation[]): string => {
  const ids = operations.map(({ id }) => id);
  const named = ids.filter((id) => id === chosen || id.endsWith(`/${chosen}`));
  const [id, ...others] = named;
  if (id !== undefined && others.length === 0) return id;
  if (others.length > 0) throw new UsageError(`--operation ${chosen} could be any of: ${named.join(", ")}.`);
  throw new UsageError(
    `--operation ${chosen}: there is no such operation, or the graph never could answer it.${ids.length > 0 ? ` Did you mean ${closest(chosen, ids)}?` : ""}`,
  );
};
