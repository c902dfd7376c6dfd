import type { StoredLetter } from "./letters.ts";

/** What is looked at; nothing given is everything. */
export interface Filter {
  readonly service?: string | undefined;
  /** Of the message that was buried. */
  readonly subject?: string | undefined;
  readonly olderThanMs?: number | undefined;
}

/** Which letters a command is for. */
export type Selection =
  | { readonly kind: "ids"; readonly ids: readonly string[] }
  | { readonly kind: "filter"; readonly filter: Filter };

/** The command line asks for something that has no single meaning; the message says how to ask. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * One of the two ways to select: by id, or everything that a filter lets through, which has to be asked for by `--all`.
 * @throws UsageError for both, or neither.
 */
export const selectionOf = (
  ids: readonly string[],
  { all, ...filter }: Filter & { readonly all?: boolean | undefined },
): Selection => {
  const filtered = Object.values(filter).some((value) => value !== undefined);
  if (ids.length > 0 && (all || filtered))
    throw new UsageError("Select either by id or by --all with --service, --subject and --older-than, not both.");
  if (ids.length > 0) return { kind: "ids", ids: [...new Set(ids)] };
  if (!all)
    throw new UsageError(
      filtered
        ? "A filter selects together with --all: add it when everything that the filter lets through is meant."
        : "Say which letters: their ids, as `list` shows them, or --all.",
    );
  return { kind: "filter", filter };
};

/** Letters that `filter` lets through, those of a consumer together, the oldest first. */
export const filterLetters = (letters: readonly StoredLetter[], filter: Filter, now: Date): readonly StoredLetter[] =>
  letters
    .filter(({ letter }) => {
      const { service, subject, olderThanMs } = filter;
      if (service !== undefined && letter.service !== service) return false;
      if (subject !== undefined && letter.message.subject !== subject) return false;
      return olderThanMs === undefined || now.getTime() - Date.parse(letter.at) > olderThanMs;
    })
    .sort(
      (a, b) =>
        compare(a.letter.consumer, b.letter.consumer) || compare(a.letter.at, b.letter.at) || compare(a.id, b.id),
    );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const UNIT_MS = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/**
 * `90s`, `15m`, `2h`, `7d` in milliseconds.
 * @throws UsageError
 */
export const parseDuration = (text: string): number => {
  const [, amount, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS.get(unit);
  if (amount === undefined || unitMs === undefined)
    throw new UsageError(`"${text}" is no duration: expected a number and s, m, h or d, such as 15m.`);
  return Number(amount) * unitMs;
};
