import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_ADDRESSES, planDelete, planSave } from "./address-book.ts";

const book = (...ids: string[]) => ids.map((id, index) => ({ id, isDefault: index === 0 }));

describe("an address book", () => {
  it("makes the first address the default, asked or not", () => {
    expect(planSave([], { id: null, isDefault: false })).toEqual({
      kind: "create",
      isDefault: true,
      unsetDefaultOf: null,
    });
  });

  it("adds further ones beside the default", () => {
    expect(planSave(book("a"), { id: null, isDefault: false })).toMatchObject({ kind: "create", isDefault: false });
  });

  it("moves the default to a new or an old address that asks for it", () => {
    expect(planSave(book("a", "b"), { id: null, isDefault: true })).toMatchObject({ unsetDefaultOf: "a" });
    expect(planSave(book("a", "b"), { id: "b", isDefault: true })).toMatchObject({ unsetDefaultOf: "a" });
  });

  it("keeps the default where it is when it is edited without asking for it", () => {
    expect(planSave(book("a", "b"), { id: "a", isDefault: false })).toEqual({
      kind: "replace",
      id: "a",
      isDefault: true,
      unsetDefaultOf: null,
    });
  });

  it("has room for 50, and they can still be edited", () => {
    const full = book(...Array.from({ length: MAX_ADDRESSES }, (_, index) => `a${index}`));
    expect(planSave(full, { id: null, isDefault: false }).kind).toBe("full");
    expect(planSave(full, { id: "a7", isDefault: true }).kind).toBe("replace");
  });

  it("finds nothing that is not in it", () => {
    expect(planSave(book("a"), { id: "z", isDefault: false }).kind).toBe("notFound");
    expect(planDelete(book("a"), "z").kind).toBe("notFound");
  });

  it("promotes the next one when the default is deleted, and only then", () => {
    expect(planDelete(book("a", "b", "c"), "a")).toEqual({ kind: "delete", promote: "b" });
    expect(planDelete(book("a", "b", "c"), "b")).toEqual({ kind: "delete", promote: null });
    expect(planDelete(book("a"), "a")).toEqual({ kind: "delete", promote: null });
  });

  it("has exactly one default whenever it has any address, whatever is done to it", () => {
    const step = fc.record({
      what: fc.constantFrom("save", "delete"),
      id: fc.option(fc.nat(8), { nil: null }),
      isDefault: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let entries: { id: string; isDefault: boolean }[] = [];
        steps.forEach(({ what, id, isDefault }, index) => {
          const target = id === null ? null : (entries[id]?.id ?? "missing");
          if (what === "save") {
            const plan = planSave(entries, { id: target, isDefault });
            if (plan.kind === "notFound" || plan.kind === "full") return;
            entries = entries.map((entry) =>
              entry.id === plan.unsetDefaultOf ? { ...entry, isDefault: false } : entry,
            );
            const saved = { id: plan.kind === "create" ? `a${index}` : plan.id, isDefault: plan.isDefault };
            entries = [saved, ...entries.filter((entry) => entry.id !== saved.id)];
          } else {
            const plan = planDelete(entries, target ?? "missing");
            if (plan.kind === "notFound") return;
            entries = entries
              .filter((entry) => entry.id !== target)
              .map((entry) => (entry.id === plan.promote ? { ...entry, isDefault: true } : entry));
          }
          expect(entries.filter((entry) => entry.isDefault)).toHaveLength(entries.length > 0 ? 1 : 0);
        });
      }),
    );
  });
});
