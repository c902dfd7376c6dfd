/** How a list is searched: by its words, or, where nothing has them, by what resembles them. */
export type Search =
  | { readonly kind: "none" }
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: "resembling"; readonly words: readonly string[] };

export const MAX_SEARCH_LENGTH = 200;

/** More words than this add nothing to a guess at what was meant. */
const MAX_RESEMBLING_WORDS = 8;

export type ReadSearchResult =
  | { kind: "search"; text: string }
  /** Nothing to look for: no letter and no digit. */
  | { kind: "none" }
  | { kind: "tooLong" };

/** Reads what a person typed. Control characters and broken surrogates, which no database text can have, part words. */
export const readSearch = (typed: string | null | undefined): ReadSearchResult => {
  if (typed == null) return { kind: "none" };
  if ([...typed].length > MAX_SEARCH_LENGTH) return { kind: "tooLong" };
  const text = typed
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cs}]/gu, " ")
    .trim();
  return /[\p{L}\p{N}]/u.test(text) ? { kind: "search", text } : { kind: "none" };
};

export const byWords = (text: string): Search => ({ kind: "words", text });

export const byResemblance = (text: string): Search => ({
  kind: "resembling",
  words: [
    ...new Set(
      text
        .toLowerCase()
        .split(/[^\p{L}\p{N}\p{M}]+/u)
        .filter(Boolean),
    ),
  ].slice(0, MAX_RESEMBLING_WORDS),
});
