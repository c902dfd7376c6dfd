import { unauthenticated } from "@supergraph/service";
import type { Context } from "../context.ts";
import { cartIdOf } from "../domain/cart.ts";
import type { MutationResolvers } from "../generated/resolvers.ts";
import { requireViewer } from "./queries.ts";
import { cancelOrderErrors, cartErrors, placeOrderErrors, shipOrderErrors } from "./user-errors.ts";

export const Mutation: MutationResolvers<Context> = {
  async cartSetLine(_root, { variantId, quantity }, context) {
    const { userId } = requireViewer(context);
    const result = await context.commands.setCartLine({ userId, variantId, quantity });
    if (result.kind === "forgotten") throw accountGone();
    if (result.kind === "overloaded") context.refusal = result;
    if (result.kind !== "changed") return { cart: null, userErrors: cartErrors(result, variantId) };
    context.loaders.forgetCart(userId);
    return { cart: { id: cartIdOf(userId) }, userErrors: [] };
  },

  async placeOrder(_root, { input }, context) {
    const { userId } = requireViewer(context);
    const { correlationId, refusal } = context;
    const result = await context.commands.placeOrder({ userId, correlationId, input, refusal });
    if (result.kind === "forgotten") throw accountGone();
    if (result.kind !== "placed") return { order: null, userErrors: placeOrderErrors(result) };
    context.loaders.forgetCart(userId);
    context.loaders.forgetOrder(result.order.id);
    return { order: result.order, userErrors: [] };
  },

  async cancelOrder(_root, { input }, context) {
    const { userId, scopes } = requireViewer(context);
    const { correlationId } = context;
    const mayCancelAny = scopes.includes("orders:write");
    const result = await context.commands.cancelOrder({ userId, mayCancelAny, correlationId, input });
    if (result.kind !== "cancelling") return { order: null, userErrors: cancelOrderErrors(result) };
    context.loaders.forgetOrder(result.order.id);
    return { order: result.order, userErrors: [] };
  },

  async shipOrder(_root, { id, trackingNumber }, { commands, correlationId, loaders }) {
    const result = await commands.shipOrder({ id, trackingNumber, correlationId });
    if (result.kind !== "shipped") return { order: null, userErrors: shipOrderErrors(result) };
    loaders.forgetOrder(result.order.id);
    return { order: result.order, userErrors: [] };
  },
};

/** Its access tokens outlive an account by up to 15 minutes. */
const accountGone = () => unauthenticated("The account of this access token was deleted: sign in as somebody else.");
