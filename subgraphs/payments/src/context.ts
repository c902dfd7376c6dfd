import type { CallerContext } from "@supergraph/service";
import type { RefundPayment } from "./commands/refund-payment.ts";
import type { Loaders } from "./loaders.ts";

export interface Context extends CallerContext {
  readonly loaders: Loaders;
  readonly refundPayment: RefundPayment;
}
