import { money, toMoneyView } from "@supergraph/contracts";
import { type RequiredResolvers, scalarResolvers } from "@supergraph/service";
import type { Resolvers, ResolversParentTypes } from "../generated/resolvers.ts";
import { refundPayment } from "./refund-payment.ts";

export const resolvers: RequiredResolvers<Resolvers, ResolversParentTypes> = {
  ...scalarResolvers,
  Query: {
    payment: (_, { id }, { loaders }) => loaders.payment.load(id),
  },
  Mutation: { refundPayment },
  Order: {
    // A reference's keys are not checked against the schema.
    __resolveReference: ({ id }) => (typeof id === "string" ? { id } : null),
    payment: ({ id }, _, { loaders }) => loaders.paymentOfOrder.load(id),
    refunds: async ({ id }, _, { loaders }) => {
      const payment = await loaders.paymentOfOrder.load(id);
      return payment ? loaders.refundsOfPayment.load(payment.id) : [];
    },
  },
  Payment: {
    __resolveReference: ({ id }, { loaders }) => (typeof id === "string" ? loaders.payment.load(id) : null),
    order: ({ orderId }) => ({ id: orderId }),
    amount: ({ amountMinor, currency }) => toMoneyView(money(amountMinor, currency)),
    authorizedAmount: ({ authorizedMinor, currency }) => toMoneyView(money(authorizedMinor, currency)),
    capturedAmount: ({ capturedMinor, currency }) => toMoneyView(money(capturedMinor, currency)),
    refundedAmount: ({ refundedMinor, currency }) => toMoneyView(money(refundedMinor, currency)),
  },
  Refund: {
    amount: ({ amountMinor, currency }) => toMoneyView(money(amountMinor, currency)),
  },
};
