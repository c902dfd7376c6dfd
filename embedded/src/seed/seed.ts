import { SHOP_CURRENCY } from "@supergraph/contracts";
import * as orders from "@supergraph/orders/seed";
import * as payments from "@supergraph/payments/seed";
import * as products from "@supergraph/products/seed";
import { importPayments } from "@supergraph/sandbox-provider/server";
import * as users from "@supergraph/users/seed";
import { makeCatalogue, type SeedCatalogue } from "./catalogue.ts";
import { makeHistory, type PastOrder, type PastPayment } from "./history.ts";
import { makePeople } from "./people.ts";

/** Connection URLs of the four migrated databases. */
export interface SeedDatabases {
  readonly users: string;
  readonly products: string;
  readonly orders: string;
  readonly payments: string;
}

/**
 * Fills empty databases with the example shop, as of `now`. Each part is written whole or not at all and is safe to
 * repeat with the same `now`, so what was killed half-way can be completed. Accounts come last: as long as there are
 * none, it is not done.
 */
export const seedIfEmpty = async (databases: SeedDatabases, providerDirectory: string, now: Date): Promise<void> => {
  if (await users.isSeeded(databases.users)) return;
  const people = makePeople();
  const catalogue = makeCatalogue();
  const history = makeHistory(people, catalogue, now).map(withTotals);
  const withPayment = history.flatMap(({ payment, ...order }) => (payment ? [{ ...order, payment }] : []));
  await Promise.all([
    products.seedProducts(databases.products, catalogue),
    orders.seedOrders(databases.orders, {
      variantPrices: variantPrices(catalogue),
      orders: history.map(toSeedOrder),
    }),
    payments.seedPayments(databases.payments, withPayment.map(toSeedPayment)),
    importPayments(providerDirectory, withPayment.map(toProviderPayment)),
  ]);
  await users.seedUsers(databases.users, people);
};

type PricedOrder = PastOrder & orders.Totals;
type PaidOrder = PricedOrder & { readonly payment: PastPayment };

const withTotals = (order: PastOrder): PricedOrder => ({
  ...order,
  ...orders.priceOrder(order.lines, countryOf(order)),
});

const addressOf = ({ customer }: PastOrder) => {
  const address = customer.addresses.find(({ isDefault }) => isDefault);
  if (!address) throw new Error(`${customer.id} has no default address.`);
  const { line1, line2, city, region, postalCode, country } = address;
  return { line1, line2, city, region, postalCode, country };
};

const countryOf = (order: PastOrder): string => addressOf(order).country;

const variantPrices = ({ products: all }: SeedCatalogue): orders.SeedVariantPrice[] =>
  all.flatMap((product) =>
    product.variants.map((variant) => ({
      variantId: variant.id,
      productId: product.id,
      sku: variant.sku,
      title: products.lineTitle(product.title, variant.title),
      priceMinor: variant.price,
      weightGrams: variant.weightGrams,
      purchasable: product.status === "ACTIVE",
      version: 1,
    })),
  );

const toSeedOrder = (order: PricedOrder): orders.SeedOrder => ({
  id: order.id,
  number: order.number,
  customerId: order.customer.id,
  status: order.status,
  cancelReason: order.cancelReason,
  lines: order.lines.map(({ weightGrams: _, ...line }) => line),
  shippingAddress: addressOf(order),
  subtotalMinor: order.subtotalMinor,
  taxMinor: order.taxMinor,
  shippingMinor: order.shippingMinor,
  totalMinor: order.totalMinor,
  placedAt: order.placedAt,
  timeline: order.timeline,
});

/** What was authorised, captured and refunded of `totalMinor` at a status. */
const amountsOf = ({ payment, totalMinor }: PaidOrder) => {
  const holds = payment.status !== "ACTION_REQUIRED" && payment.status !== "FAILED";
  const captured = payment.status === "CAPTURED" || payment.refund !== null;
  return {
    amountMinor: totalMinor,
    authorizedMinor: holds ? totalMinor : 0n,
    capturedMinor: captured ? totalMinor : 0n,
    refundedMinor: payment.refund ? refundOf(payment.refund.share, totalMinor) : 0n,
  };
};

const refundOf = (share: "all" | "half", totalMinor: bigint): bigint =>
  share === "all" ? totalMinor : totalMinor / 2n;

const toSeedPayment = (order: PaidOrder): payments.SeedPayment => {
  const { payment } = order;
  return {
    id: payment.id,
    orderId: order.id,
    customerId: order.customer.id,
    providerPaymentId: payment.providerPaymentId,
    status: payment.status,
    ...amountsOf(order),
    declineCode: payment.declineCode,
    createdAt: payment.createdAt,
    refunds: payment.refund
      ? [
          {
            id: payment.refund.id,
            amountMinor: refundOf(payment.refund.share, order.totalMinor),
            status: "SUCCEEDED",
            createdAt: payment.refund.createdAt,
          },
        ]
      : [],
  };
};

const PROVIDER_STATUS = {
  ACTION_REQUIRED: "requires_action",
  AUTHORIZED: "authorized",
  CAPTURED: "captured",
  PARTIALLY_REFUNDED: "captured",
  REFUNDED: "captured",
  VOIDED: "voided",
  FAILED: "declined",
} as const satisfies Record<PastPayment["status"], string>;

const toProviderPayment = (order: PaidOrder) => {
  const { payment } = order;
  return {
    id: payment.providerPaymentId,
    reference: order.id,
    status: PROVIDER_STATUS[payment.status],
    currency: SHOP_CURRENCY,
    ...amountsOf(order),
    declineCode: payment.declineCode,
    createdAt: payment.createdAt,
    refunds: toSeedPayment(order).refunds.map(({ id, amountMinor, createdAt }) => ({
      id: `psp_${id}`,
      reference: id,
      amountMinor,
      createdAt,
    })),
  };
};
