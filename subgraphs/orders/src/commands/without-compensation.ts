import { isOff } from "@supergraph/failpoints";
import type { Command, Saga, StatusChange } from "../domain/saga-model.ts";

interface Change {
  readonly saga: Saga;
  readonly statusChange: StatusChange | null;
  readonly commands: readonly Command[];
}

/** Unchanged, but in the fault suite's build with compensation taken out: a cancelled order then keeps what it holds. */
export const unlessOff = <C extends Change>(change: C): C =>
  isOff("compensation") && change.saga.cancelReason !== null ? withoutCompensation(change) : change;

const withoutCompensation = <C extends Change>(change: C): C => {
  const { saga, statusChange, commands } = change;
  const sent = commands.filter(({ kind }) => !UNDOES.has(kind));
  if (saga.state !== "COMPENSATING") return { ...change, commands: sent };
  return {
    ...change,
    saga: asIfUndone(saga),
    statusChange: { status: "CANCELLED", note: statusChange?.note ?? null },
    commands: sent,
  };
};

const UNDOES = new Set<Command["kind"]>(["release", "restock", "void", "refund"]);

const asIfUndone = (saga: Saga): Saga => ({
  ...saga,
  state: "CANCELLED",
  undo: Object.fromEntries(Object.keys(saga.undo).map((step) => [step, "DONE"])),
  giveUpAt: null,
  deadlineAt: null,
});
