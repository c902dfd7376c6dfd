import { beginStep, type Cause, type Step } from "@supergraph/messaging";
import type { SagaState } from "../domain/saga-model.ts";

/** A saga's step as a span of the trace of what brought it about: what it sends is below it. It begins with null. */
export const beginSagaStep = (
  orderId: string,
  { from, to }: { readonly from: SagaState | null; readonly to: SagaState },
  cause: Cause,
): Step =>
  beginStep(from === null || from === to ? `saga ${to}` : `saga ${from} → ${to}`, cause, {
    "supergraph.order.id": orderId,
    ...(from === null ? {} : { "supergraph.saga.from": from }),
    "supergraph.saga.to": to,
  });
