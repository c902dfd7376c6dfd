import { isId, newId } from "@supergraph/service";
import { findEarlierRequest } from "../db/idempotency-keys.ts";
import { findOrder } from "../db/orders.ts";
import { lockOrder } from "../db/sagas.ts";
import type { OrderRow } from "../db/schema.ts";
import { isCancellable, type OrderStatus } from "../domain/order.ts";
import { decide } from "../domain/saga.ts";
import { type InvalidField, lineProblem } from "../domain/text.ts";
import { changeOrder } from "./change-orders.ts";
import type { Deps } from "./deps.ts";
import { claimKey, inIdempotentTransaction, requestHash } from "./idempotency.ts";

export interface CancelOrder {
  readonly userId: string;
  /** Whether the viewer may cancel other people's orders too. */
  readonly mayCancelAny: boolean;
  readonly correlationId: string;
  readonly input: {
    readonly id: string;
    readonly idempotencyKey: string;
    readonly note?: string | null | undefined;
  };
}

export type CancelOrderResult =
  | { readonly kind: "cancelling"; readonly order: OrderRow }
  | { readonly kind: "invalid"; readonly fields: readonly InvalidField[] }
  | { readonly kind: "notFound" }
  | { readonly kind: "notCancellable"; readonly status: OrderStatus }
  | { readonly kind: "idempotencyMismatch" };

/** Calls an order off; what is to be undone depends on how far its checkout came. Safe to repeat with the same key. */
export const makeCancelOrder =
  (deps: Deps) =>
  async ({ userId, mayCancelAny, correlationId, input }: CancelOrder): Promise<CancelOrderResult> => {
    const key = input.idempotencyKey.trim();
    const note = input.note?.trim() || null;
    const fields = invalidFields(key, note);
    if (fields.length > 0) return { kind: "invalid", fields };
    if (!isId("ord", input.id)) return { kind: "notFound" };
    const { now, policy, checkouts } = deps;
    return inIdempotentTransaction(deps, async (tx) => {
      const idempotent = { userId, key, requestHash: requestHash(["cancelOrder", input.id, note]) };
      // Before looking for the key: whoever holds the order may be about to record it.
      const locked = await lockOrder(tx, input.id);
      const earlier = await findEarlierRequest(tx, idempotent);
      if (earlier.kind === "mismatch") return { kind: "idempotencyMismatch" };
      if (!locked || (locked.order.customerId !== userId && !mayCancelAny)) return { kind: "notFound" };
      if (earlier.kind === "same") {
        const order = await findOrder(tx, earlier.orderId);
        return order ? { kind: "cancelling", order } : { kind: "notFound" };
      }
      const { order: before, saga } = locked;
      if (!isCancellable(before.status)) return { kind: "notCancellable", status: before.status };
      const moment = now();
      const decision = decide(
        saga,
        { kind: "cancelRequested", reason: before.customerId === userId ? "CUSTOMER" : "ADMIN", note },
        { now: moment, newReservationId: newId("res"), jitter: Math.random(), policy },
      );
      if (decision.kind === "ignored") return { kind: "notCancellable", status: before.status };
      const cause = { correlationId, causationId: null };
      const order = await changeOrder(tx, locked, decision, { now: moment, cause, checkouts });
      await claimKey(tx, { ...idempotent, orderId: order.id, createdAt: moment });
      return { kind: "cancelling", order };
    });
  };

const invalidFields = (key: string, note: string | null): InvalidField[] => {
  const keyProblem = lineProblem(key, { max: 100 });
  const noteProblem = lineProblem(note ?? "", { max: 500, mayBeBlank: true });
  return [
    ...(keyProblem === null ? [] : [{ path: ["idempotencyKey"], message: `The idempotency key ${keyProblem}` }]),
    ...(noteProblem === null ? [] : [{ path: ["note"], message: `The note ${noteProblem}` }]),
  ];
};
