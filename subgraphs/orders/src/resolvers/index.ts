import { isCountry, type MoneyView, money, toMoneyView } from "@supergraph/contracts";
import { badUserInput, type RequiredResolvers, scalarResolvers } from "@supergraph/service";
import type { Context } from "../context.ts";
import { cartIdOf } from "../domain/cart.ts";
import { priceOrder, shippingEstimate, subtotalOf } from "../domain/pricing.ts";
import type { Resolvers, ResolversParentTypes } from "../generated/resolvers.ts";
import { Mutation } from "./mutations.ts";
import { watchOrder } from "./order-subscription.ts";
import { Query, userOrders } from "./queries.ts";

const inShopCurrency = (minorUnits: bigint): MoneyView => toMoneyView(money(minorUnits));

export const resolvers: RequiredResolvers<Resolvers<Context>, ResolversParentTypes> = {
  ...scalarResolvers,
  Query,
  Mutation,
  Subscription: {
    orderStatusChanged: {
      subscribe: (_root, { orderId }, context) => watchOrder(orderId, context),
      resolve: (order: ResolversParentTypes["Order"]) => order,
    },
  },

  Cart: {
    __resolveReference: ({ id }, { viewer }) => (viewer && id === cartIdOf(viewer.userId) ? { id } : null),
    lines: ({ id }, _args, { loaders }) => loaders.cartLines.load(id),
    async subtotal({ id }, _args, { loaders }) {
      const lines = await loaders.cartLines.load(id);
      return inShopCurrency(
        subtotalOf(lines.map(({ quantity, price }) => ({ quantity, unitPriceMinor: price.priceMinor }))),
      );
    },
    async totals({ id }, { country }, { loaders }) {
      if (!isCountry(country))
        throw badUserInput("`country` must be an ISO 3166-1 alpha-2 code in capitals, such as DE.", "country");
      const lines = await loaders.cartLines.load(id);
      return priceOrder(
        lines.map(({ quantity, price }) => ({
          quantity,
          unitPriceMinor: price.priceMinor,
          weightGrams: price.weightGrams,
        })),
        country,
      );
    },
  },
  CartLine: {
    variant: ({ variantId, price }) => ({ id: variantId, sku: price.sku }),
    title: ({ price }) => price.title,
    purchasable: ({ price }) => price.purchasable,
    unitPrice: ({ price }) => inShopCurrency(price.priceMinor),
    total: ({ price, quantity }) => inShopCurrency(price.priceMinor * BigInt(quantity)),
  },
  CartTotals: {
    subtotal: ({ subtotalMinor }) => inShopCurrency(subtotalMinor),
    tax: ({ taxMinor }) => inShopCurrency(taxMinor),
    shipping: ({ shippingMinor }) => inShopCurrency(shippingMinor),
    total: ({ totalMinor }) => inShopCurrency(totalMinor),
  },

  Order: {
    __resolveReference: ({ id }, { loaders }) => loaders.order.load(id),
    customer: ({ customerId }) => ({ id: customerId }),
    lines: ({ id }, _args, { loaders }) => loaders.orderLines.load(id),
    shippingAddress: ({ line1, line2, city, region, postalCode, country }) => ({
      line1,
      line2,
      city,
      region,
      postalCode,
      country,
    }),
    subtotal: ({ subtotalMinor, currency }) => toMoneyView(money(subtotalMinor, currency)),
    tax: ({ taxMinor, currency }) => toMoneyView(money(taxMinor, currency)),
    shipping: ({ shippingMinor, currency }) => toMoneyView(money(shippingMinor, currency)),
    total: ({ totalMinor, currency }) => toMoneyView(money(totalMinor, currency)),
    timeline: ({ id }, _args, { loaders }) => loaders.orderEvents.load(id),
  },
  OrderLine: {
    variant: ({ variantId, sku }) => ({ id: variantId, sku }),
    unitPrice: ({ unitPriceMinor, currency }) => toMoneyView(money(unitPriceMinor, currency)),
    total: ({ unitPriceMinor, quantity, currency }) => toMoneyView(money(unitPriceMinor * BigInt(quantity), currency)),
  },
  OrderConnection: {
    edges: ({ edges }) => [...edges],
    totalCount: ({ count }) => count(),
  },

  User: {
    __resolveReference: ({ id }) => ({ id }),
    orders: userOrders,
  },
  ProductVariant: {
    __resolveReference: (reference) => reference,
    sku({ id, sku }) {
      if (sku === undefined) throw new Error(`Expected the sku of ${id} to be asked only where it is provided.`);
      return sku;
    },
    shippingEstimate({ weightGrams }, { country }) {
      const minorUnits = weightGrams === undefined ? null : shippingEstimate(weightGrams, country);
      return minorUnits === null ? null : inShopCurrency(minorUnits);
    },
  },
};
