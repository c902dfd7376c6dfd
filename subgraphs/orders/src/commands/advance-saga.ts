import type { Cause } from "@supergraph/messaging";
import { newId } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import { lockOrder } from "../db/sagas.ts";
import { decide } from "../domain/saga.ts";
import type { SagaEvent } from "../domain/saga-model.ts";
import { changeOrder } from "./change-order.ts";
import type { Deps } from "./deps.ts";

export type AdvanceResult = "advanced" | "ignored" | "unknownOrder";

/**
 * Tells an order's saga of `event`, in the transaction of whoever heard of it. Without a `cause` the change follows
 * from the request that placed the order.
 */
export const makeAdvanceSaga =
  ({ now, policy, log }: Pick<Deps, "now" | "policy" | "log">) =>
  async (tx: Tx, orderId: string, event: SagaEvent, cause?: Cause): Promise<AdvanceResult> => {
    const locked = await lockOrder(tx, orderId);
    if (!locked) {
      log.warn({ orderId, event: event.kind }, "heard of an order that does not exist here");
      return "unknownOrder";
    }
    const moment = now();
    const decision = decide(locked.saga, event, { now: moment, newReservationId: newId("res"), policy });
    if (decision.kind === "ignored") {
      log.debug({ orderId, event: event.kind, state: locked.saga.state }, "ignored an event that changes nothing");
      return "ignored";
    }
    await changeOrder(tx, locked, decision, {
      now: moment,
      cause: cause ?? { correlationId: locked.correlationId, causationId: null },
    });
    if (decision.alert !== null)
      log.error({ orderId, state: decision.saga.state, undo: decision.saga.undo, alert: true }, decision.alert);
    return "advanced";
  };

export type AdvanceSaga = ReturnType<typeof makeAdvanceSaga>;
