export const MAX_ADDRESSES = 50;

interface Entry {
  readonly id: string;
  readonly isDefault: boolean;
}

export type SavePlan =
  | { kind: "create"; isDefault: boolean; unsetDefaultOf: string | null }
  | { kind: "replace"; id: string; isDefault: boolean; unsetDefaultOf: string | null }
  | { kind: "notFound" }
  | { kind: "full" };

export type DeletePlan = { kind: "delete"; promote: string | null } | { kind: "notFound" };

/**
 * Plans a save so that exactly one entry of a book that has any is the default: the first becomes it, a new one
 * replaces the old, and the default stays the default until another is.
 */
export const planSave = (
  book: readonly Entry[],
  { id, isDefault }: { id: string | null; isDefault: boolean },
): SavePlan => {
  const current = book.find((entry) => entry.isDefault);
  if (id === null) {
    if (book.length >= MAX_ADDRESSES) return { kind: "full" };
    const becomes = isDefault || current === undefined;
    return { kind: "create", isDefault: becomes, unsetDefaultOf: becomes ? (current?.id ?? null) : null };
  }
  if (!book.some((entry) => entry.id === id)) return { kind: "notFound" };
  const becomes = isDefault || current === undefined || current.id === id;
  const displaced = becomes && current !== undefined && current.id !== id ? current.id : null;
  return { kind: "replace", id, isDefault: becomes, unsetDefaultOf: displaced };
};

/** Plans a deletion; `book` has the default first, then the newest first, so that the heir is the newest of the others. */
export const planDelete = (book: readonly Entry[], id: string): DeletePlan => {
  const entry = book.find((candidate) => candidate.id === id);
  if (!entry) return { kind: "notFound" };
  const heir = entry.isDefault ? book.find((candidate) => candidate.id !== id) : undefined;
  return { kind: "delete", promote: heir?.id ?? null };
};
