import type { ShopState } from "./shop-state.ts";

export type Rule =
  | "0 ≤ reserved ≤ on_hand"
  | "what is reserved is held by reservations"
  | "on_hand moves only by what was sold, restocked or adjusted"
  | "a PAID order was captured exactly once, for its total"
  | "a PAID order's goods left the stock once"
  | "a CANCELLED order holds no money"
  | "a CANCELLED order holds no stock"
  | "no goods and no money are held without an order that wants them"
  | "the provider and payments agree"
  | "one order per idempotency key"
  | "what was acknowledged to a client exists"
  | "an order's status, timeline and saga agree"
  | "no saga stays past its deadline"
  | "every outbox row is published"
  | "every event's effect is applied";

export interface Violation {
  readonly rule: Rule;
  /** What it is about, and what was found. */
  readonly evidence: string;
}

/** What was there before the test: example orders never went through stock and checkout, and their goods never moved. */
export interface Baseline {
  readonly originOfVariants: ReadonlyMap<string, number>;
  readonly orderIds: ReadonlySet<string>;
}

/** An answer that a client got to `placeOrder`. */
export interface Acknowledged {
  readonly idempotencyKey: string;
  readonly orderId: string;
}

export const takeBaseline = ({ stock, orders }: ShopState): Baseline => ({
  originOfVariants: new Map(stock.map(({ variantId, origin }) => [variantId, origin])),
  orderIds: new Set(orders.map(({ id }) => id)),
});

/** What is still under way, empty once all is quiet. An order that waits for its customer's confirmation is quiet. */
export const findMovement = (state: ShopState): string[] => [
  ...state.orders.flatMap(({ id, saga }) => (RESTING.has(saga) ? [] : [`${id} is ${saga}`])),
  ...state.openOperations.map((id) => `operation ${id} is open`),
  ...state.messages.flatMap(({ messageId, published }) => (published ? [] : [`${messageId} is not published`])),
  ...state.messages.flatMap(({ messageId, unhandledBy }) =>
    unhandledBy.length === 0 ? [] : [`${messageId} is not handled by ${unhandledBy.join(", ")}`],
  ),
  ...(state.undeliveredWebhooks > 0 ? [`${state.undeliveredWebhooks} webhooks are not delivered`] : []),
];

/** What a shop that is quiet owes to its customers and is not so. Sees nothing but `state`: no service is asked. */
export const findViolations = (
  state: ShopState,
  baseline: Baseline,
  acknowledged: readonly Acknowledged[] = [],
): Violation[] => [
  ...violationsOfStock(state, baseline),
  ...state.orders.flatMap((order) => violationsOfOrder(order, state, baseline)),
  ...violationsWithoutOrder(state),
  ...violationsOfPayments(state),
  ...violationsOfKeys(state, acknowledged),
  ...violationsOfMessages(state),
];

const RESTING: ReadonlySet<string> = new Set(["DONE", "CANCELLED", "AWAITING_ACTION"]);
const PAID: ReadonlySet<string> = new Set(["PAID", "SHIPPED", "DELIVERED"]);

type Order = ShopState["orders"][number];

const violationsOfStock = ({ stock }: ShopState, { originOfVariants }: Baseline): Violation[] =>
  stock.flatMap(({ variantId, onHand, reserved, held, origin }) => {
    const before = originOfVariants.get(variantId) ?? 0;
    return [
      ...unless(
        reserved >= 0 && reserved <= onHand,
        "0 ≤ reserved ≤ on_hand",
        () => `${variantId}: ${reserved} reserved of ${onHand}`,
      ),
      ...unless(
        reserved === held,
        "what is reserved is held by reservations",
        () => `${variantId}: ${reserved} reserved, but its held reservations are about ${held}`,
      ),
      ...unless(
        origin === before,
        "on_hand moves only by what was sold, restocked or adjusted",
        () => `${variantId}: ${onHand} on hand, ${origin - before} too many for what was sold and adjusted`,
      ),
    ];
  });

const violationsOfOrder = (order: Order, state: ShopState, baseline: Baseline): Violation[] => {
  const { id, status, saga, timeline } = order;
  const isNew = !baseline.orderIds.has(id);
  return [
    ...(PAID.has(status) ? violationsOfPaid(order, state) : []),
    ...(PAID.has(status) && isNew ? violationsOfSold(order, state) : []),
    ...(status === "CANCELLED" ? violationsOfCancelled(order, state) : []),
    ...(isNew
      ? unless(
          order.placedBy.length === 1,
          "one order per idempotency key",
          () => `${id} was placed by ${order.placedBy.length} keys`,
        )
      : []),
    ...unless(!order.overdue, "no saga stays past its deadline", () => `${id} is ${saga}`),
    ...unless(
      (saga === "DONE") === PAID.has(status) &&
        (saga === "CANCELLED") === (status === "CANCELLED") &&
        timeline.at(-1) === status &&
        new Set(timeline).size === timeline.length,
      "an order's status, timeline and saga agree",
      () => `${id} is ${status} with its saga ${saga}, after ${timeline.join(", ")}`,
    ),
  ];
};

const violationsOfPaid = ({ id, totalMinor }: Order, { payments, providerPayments }: ShopState): Violation[] => {
  const taken = providerPayments.filter(({ reference, captures }) => reference === id && captures > 0);
  const captures = taken.reduce((sum, payment) => sum + payment.captures, 0);
  const atProvider = taken.reduce((sum, { capturedMinor }) => sum + capturedMinor, 0);
  const known = payments.find(({ orderId }) => orderId === id)?.capturedMinor ?? 0;
  return unless(
    captures === 1 && atProvider === totalMinor && known === totalMinor,
    "a PAID order was captured exactly once, for its total",
    () => `${id} costs ${totalMinor}: ${captures} captures of ${atProvider} at the provider, ${known} in payments`,
  );
};

const violationsOfSold = ({ id, lines }: Order, { reservations }: ShopState): Violation[] => {
  const committed = reservations.filter(({ orderId, state }) => orderId === id && state === "COMMITTED");
  return unless(
    committed.length === 1 && committed[0]?.lines === lines,
    "a PAID order's goods left the stock once",
    () => `${id} is about ${lines}: committed were [${committed.map((each) => each.lines).join("], [")}]`,
  );
};

const violationsOfCancelled = ({ id }: Order, { reservations, payments, providerPayments }: ShopState): Violation[] => {
  const held = reservations.filter(({ orderId, state }) => orderId === id && isOfGoods(state));
  const money = providerPayments.filter((payment) => payment.reference === id && !isGivenBack(payment));
  const payment = payments.find(({ orderId }) => orderId === id);
  return [
    ...unless(
      held.length === 0,
      "a CANCELLED order holds no stock",
      () => `${id}: ${held.map((reservation) => `${reservation.id} is ${reservation.state}`).join(", ")}`,
    ),
    ...unless(
      money.length === 0,
      "a CANCELLED order holds no money",
      () => `${id}: ${money.map((each) => `${each.id} is ${each.status} at the provider`).join(", ")}`,
    ),
    ...unless(
      payment === undefined || ["FAILED", "VOIDED", "REFUNDED"].includes(payment.status),
      "a CANCELLED order holds no money",
      () => `${id}: its payment is ${payment?.status}`,
    ),
  ];
};

/** Goods are held for an order that waits for its payment, or were sold to one that is paid. */
const violationsWithoutOrder = ({ orders, reservations, providerPayments }: ShopState): Violation[] => {
  const byId = new Map(orders.map((order) => [order.id, order]));
  const rule = "no goods and no money are held without an order that wants them";
  return [
    ...reservations
      .filter(({ state }) => isOfGoods(state))
      .flatMap(({ id, orderId, state }) => {
        const status = byId.get(orderId)?.status ?? "unknown";
        const isWanted = state === "HELD" ? status === "AWAITING_PAYMENT" : PAID.has(status);
        return unless(isWanted, rule, () => `${id} is ${state} for ${orderId}, which is ${status}`);
      }),
    ...providerPayments
      .filter((payment) => !isGivenBack(payment))
      .flatMap(({ id, reference, status }) => {
        const order = byId.get(reference)?.status ?? "unknown";
        const isWanted = status === "captured" ? PAID.has(order) : order === "AWAITING_PAYMENT";
        return unless(isWanted, rule, () => `${id} is ${status} for ${reference}, which is ${order}`);
      }),
  ];
};

const isOfGoods = (state: string): boolean => state === "HELD" || state === "COMMITTED";

const isGivenBack = ({ status, capturedMinor, refundedMinor }: ShopState["providerPayments"][number]): boolean =>
  status === "declined" || status === "voided" || (status === "captured" && refundedMinor === capturedMinor);

/** By status of a payment: what the provider may show. What was given up before the decline was known is VOIDED. */
const PROVIDER_STATUSES: Readonly<Record<string, readonly string[]>> = {
  ACTION_REQUIRED: ["requires_action"],
  AUTHORIZED: ["authorized"],
  CAPTURED: ["captured"],
  PARTIALLY_REFUNDED: ["captured"],
  REFUNDED: ["captured"],
  VOIDED: ["voided", "declined"],
  FAILED: ["declined"],
};

const violationsOfPayments = ({ payments, providerPayments }: ShopState): Violation[] => {
  const known = new Set(payments.map(({ providerPaymentId }) => providerPaymentId));
  const byId = new Map(providerPayments.map((payment) => [payment.id, payment]));
  const rule = "the provider and payments agree";
  return [
    ...providerPayments.flatMap(({ id, reference }) =>
      unless(known.has(id), rule, () => `${id} for ${reference} is not known to payments`),
    ),
    ...payments.flatMap(({ orderId, status, providerPaymentId, capturedMinor, refundedMinor, refundPendingMinor }) => {
      if (providerPaymentId === null)
        return unless(status === "VOIDED" || status === "FAILED", rule, () => `${orderId}: ${status}, never asked for`);
      const there = byId.get(providerPaymentId);
      return unless(
        there !== undefined &&
          PROVIDER_STATUSES[status]?.includes(there.status) === true &&
          there.capturedMinor === capturedMinor &&
          there.refundedMinor === refundedMinor &&
          refundPendingMinor === 0,
        rule,
        () =>
          `${orderId}: ${status}, ${capturedMinor} captured, ${refundedMinor} refunded, ${refundPendingMinor} being refunded; there ${there?.status}, ${there?.capturedMinor}, ${there?.refundedMinor}`,
      );
    }),
  ];
};

const violationsOfKeys = ({ orders }: ShopState, acknowledged: readonly Acknowledged[]): Violation[] => {
  const byId = new Map(orders.map((order) => [order.id, order]));
  return acknowledged.flatMap(({ idempotencyKey, orderId }) => {
    const placed = orders.filter(({ placedBy }) => placedBy.includes(idempotencyKey));
    return [
      ...unless(byId.has(orderId), "what was acknowledged to a client exists", () => `${orderId} is gone`),
      ...unless(
        placed.length === 1 && placed[0]?.id === orderId,
        "one order per idempotency key",
        () => `${idempotencyKey} was answered with ${orderId}, and placed [${placed.map(({ id }) => id).join(", ")}]`,
      ),
    ];
  });
};

const violationsOfMessages = ({ messages }: ShopState): Violation[] =>
  messages.flatMap(({ messageId, subject, published, unhandledBy }) => [
    ...unless(published, "every outbox row is published", () => `${messageId} under ${subject}`),
    ...unless(
      unhandledBy.length === 0,
      "every event's effect is applied",
      () => `${messageId} under ${subject} was not handled by ${unhandledBy.join(", ")}`,
    ),
  ]);

const unless = (holds: boolean, rule: Rule, evidence: () => string): Violation[] =>
  holds ? [] : [{ rule, evidence: evidence() }];
