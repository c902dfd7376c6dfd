import type { CallerContext } from "@supergraph/service";
import type { RefundPayment } from "./commands/refund-payment.ts";
import type { Loaders } from "./loaders.ts";

export interface Context extends CallerContext {
  readonly commands: { readonly refundPayment: RefundPayment };
  readonly loaders: Loaders;
}
