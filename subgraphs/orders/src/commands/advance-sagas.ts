import type { Cause } from "@supergraph/messaging";
import { newId } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import { type LockedOrder, lockOrders } from "../db/sagas.ts";
import { decide } from "../domain/saga.ts";
import type { SagaEvent } from "../domain/saga-model.ts";
import { applyChange, type ChangingOrder, saveChanges, unchanged } from "./change-orders.ts";
import type { Deps } from "./deps.ts";

/** Something that an order's saga is told. */
export interface Telling {
  readonly orderId: string;
  readonly event: SagaEvent;
  /** Without one the change follows from the request that placed the order. */
  readonly cause?: Cause;
}

export interface AdvanceSagas {
  /**
   * Tells orders' sagas of events, in the transaction of whoever heard of them: those of one order one after another,
   * all in as many statements as one.
   */
  tell(tx: Tx, tellings: readonly Telling[]): Promise<void>;
  /** The same for one event and orders that `tx` has locked; answers the ids of those that it changed. */
  tellLocked(tx: Tx, orders: readonly LockedOrder[], event: SagaEvent): Promise<string[]>;
}

export const makeAdvanceSagas = (deps: Pick<Deps, "now" | "policy" | "checkouts" | "log">): AdvanceSagas => {
  const { now, policy, checkouts, log } = deps;

  const advance = async (tx: Tx, locked: readonly LockedOrder[], tellings: readonly Telling[]) => {
    const orders = new Map<string, ChangingOrder>(locked.map((one) => [one.order.id, unchanged(one)]));
    const alerts: { orderId: string; alert: string; order: ChangingOrder }[] = [];
    const moment = now();
    for (const { orderId, event, cause } of tellings) {
      const order = orders.get(orderId);
      if (order === undefined) {
        log.warn({ orderId, event: event.kind }, "heard of an order that does not exist here");
        continue;
      }
      const decision = decide(order.saga, event, {
        now: moment,
        newReservationId: newId("res"),
        jitter: Math.random(),
        policy,
      });
      if (decision.kind === "ignored") {
        log.debug({ orderId, event: event.kind, state: order.saga.state }, "ignored an event that changes nothing");
        continue;
      }
      const changed = applyChange(order, decision, {
        now: moment,
        cause: cause ?? { correlationId: order.correlationId, causationId: null, headers: order.trace },
      });
      orders.set(orderId, changed);
      if (decision.alert !== null) alerts.push({ orderId, alert: decision.alert, order: changed });
    }
    const changed = [...orders.values()].filter(({ changes }) => changes.length > 0);
    await saveChanges(tx, changed, checkouts);
    for (const { orderId, alert, order } of alerts)
      log.error({ orderId, state: order.saga.state, undo: order.saga.undo, alert: true }, alert);
    return changed.map(({ order }) => order.id);
  };

  return {
    async tell(tx, tellings) {
      const ids = new Set(tellings.map(({ orderId }) => orderId));
      await advance(tx, await lockOrders(tx, [...ids]), tellings);
    },
    tellLocked: (tx, orders, event) =>
      advance(
        tx,
        orders,
        orders.map(({ order }) => ({ orderId: order.id, event })),
      ),
  };
};
