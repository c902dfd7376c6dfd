import type { ProviderPayment } from "./journal.ts";
import { type Baseline, PAID, unless, type Violation } from "./rules.ts";
import type { Order, OrdersState, Payment, Reservation } from "./shop-state.ts";

/** What belongs to one order, wherever it is kept. */
interface Belongings {
  readonly reservations: readonly Reservation[];
  readonly payment: Payment | undefined;
  readonly atProvider: readonly ProviderPayment[];
}

/** What is wrong with the orders of a slice, with what they hold, and with the goods of orders that do not exist. */
export const violationsOfOrders = (state: OrdersState, baseline: Baseline): Violation[] => {
  const reservations = groupBy(state.reservations, ({ orderId }) => orderId);
  const payments = new Map(state.payments.map((payment) => [payment.orderId, payment]));
  const statuses = new Map(state.orders.map(({ id, status }) => [id, status]));
  return [
    ...state.orders.flatMap((order) =>
      violationsOfOrder(order, !baseline.orderIds.has(order.id), {
        reservations: reservations.get(order.id) ?? [],
        payment: payments.get(order.id),
        atProvider: state.providerPaymentsOf(order.id),
      }),
    ),
    ...state.reservations.flatMap((reservation) => violationsOfHolding(reservation, statuses)),
    ...state.payments.flatMap((payment) => violationsOfPayment(payment, state.providerPaymentsOf(payment.orderId))),
  ];
};

const groupBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> => {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};

const violationsOfOrder = (order: Order, isNew: boolean, belongings: Belongings): Violation[] => {
  const { id, status, saga, placedBy, overdue, linesMinor, subtotalMinor, totalMinor } = order;
  const { payment } = belongings;
  return [
    ...(PAID.has(status) ? violationsOfPaid(order, belongings) : []),
    ...(PAID.has(status) && isNew ? violationsOfSold(order, belongings) : []),
    ...(status === "CANCELLED" ? violationsOfCancelled(order, belongings) : []),
    ...unless(
      !isNew || placedBy.length === 1,
      "one order per idempotency key",
      () => `${id} was placed by ${placedBy.length} keys`,
    ),
    ...unless(
      linesMinor === subtotalMinor,
      "an order costs what its lines cost",
      () => `${id}: its lines cost ${linesMinor}, its subtotal is ${subtotalMinor}`,
    ),
    ...unless(
      payment === undefined || payment.amountMinor === totalMinor,
      "a payment is about its order's total",
      () => `${id} costs ${totalMinor}, its payment is about ${payment?.amountMinor}`,
    ),
    ...unless(!overdue, "no saga stays past its deadline", () => `${id} is ${saga}`),
    ...unless(
      isConsistent(order),
      "an order's status, timeline and saga agree",
      () => `${id} is ${status} with its saga ${saga}, after ${order.timeline}`,
    ),
  ];
};

/** No order goes back, and none enters a status twice. */
const STAGES = ["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID", "SHIPPED", "DELIVERED", "CANCELLING", "CANCELLED"];

const isConsistent = ({ status, saga, timeline }: Order): boolean => {
  const stages = timeline.split(",").map((each) => STAGES.indexOf(each));
  return (
    (saga === "DONE") === PAID.has(status) &&
    (saga === "CANCELLED") === (status === "CANCELLED") &&
    stages[0] === 0 &&
    stages.at(-1) === STAGES.indexOf(status) &&
    stages.every((stage, index) => index === 0 || stage > (stages[index - 1] ?? stage))
  );
};

const violationsOfPaid = ({ id, totalMinor }: Order, { payment, atProvider }: Belongings): Violation[] => {
  const taken = atProvider.filter(({ captures }) => captures > 0);
  const captures = taken.reduce((sum, each) => sum + each.captures, 0);
  const minor = taken.reduce((sum, { capturedMinor }) => sum + capturedMinor, 0);
  const known = payment?.capturedMinor ?? 0;
  return unless(
    captures === 1 && minor === totalMinor && known === totalMinor,
    "a PAID order was captured exactly once, for its total",
    () => `${id} costs ${totalMinor}: ${captures} captures of ${minor} at the provider, ${known} in payments`,
  );
};

const violationsOfSold = ({ id, lines }: Order, { reservations }: Belongings): Violation[] => {
  const committed = reservations.filter(({ state }) => state === "COMMITTED");
  return unless(
    committed.length === 1 && committed[0]?.lines === lines,
    "a PAID order's goods left the stock once",
    () => `${id} is about ${lines}: committed were [${committed.map((each) => each.lines).join("], [")}]`,
  );
};

const violationsOfCancelled = ({ id }: Order, { reservations, payment, atProvider }: Belongings): Violation[] => {
  const held = reservations.filter(({ state }) => isOfGoods(state));
  const money = atProvider.filter((each) => !isGivenBack(each));
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
const violationsOfHolding = (
  { id, orderId, state }: Reservation,
  statuses: ReadonlyMap<string, string>,
): Violation[] => {
  if (!isOfGoods(state)) return [];
  const status = statuses.get(orderId) ?? "unknown";
  return unless(
    state === "HELD" ? status === "AWAITING_PAYMENT" : PAID.has(status),
    "no goods and no money are held without an order that wants them",
    () => `${id} is ${state} for ${orderId}, which is ${status}`,
  );
};

/** What the provider holds of an order's money, for all orders that there are: it may know some that nobody else does. */
export const violationsOfProvider = (
  atProvider: Iterable<ProviderPayment>,
  known: { readonly statuses: ReadonlyMap<string, string>; readonly providerPaymentIds: ReadonlySet<string> },
): Violation[] => {
  const violations: Violation[] = [];
  for (const payment of atProvider) {
    const { id, reference, status } = payment;
    const order = known.statuses.get(reference) ?? "unknown";
    const isWanted = status === "captured" ? PAID.has(order) : order === "AWAITING_PAYMENT";
    violations.push(
      ...unless(
        isWanted || isGivenBack(payment),
        "no goods and no money are held without an order that wants them",
        () => `${id} is ${status} for ${reference}, which is ${order}`,
      ),
      ...unless(
        known.providerPaymentIds.has(id),
        "the provider and payments agree",
        () => `${id} for ${reference} is not known to payments`,
      ),
    );
  }
  return violations;
};

const isOfGoods = (state: string): boolean => state === "HELD" || state === "COMMITTED";

const isGivenBack = ({ status, capturedMinor, refundedMinor }: ProviderPayment): boolean =>
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

const violationsOfPayment = (payment: Payment, atProvider: readonly ProviderPayment[]): Violation[] => {
  const { orderId, status, providerPaymentId, capturedMinor, refundedMinor, refundPendingMinor, refunds } = payment;
  const rule = "the provider and payments agree";
  if (providerPaymentId === null)
    return unless(status === "VOIDED" || status === "FAILED", rule, () => `${orderId}: ${status}, never asked for`);
  const there = atProvider.find(({ id }) => id === providerPaymentId);
  return unless(
    there !== undefined &&
      PROVIDER_STATUSES[status]?.includes(there.status) === true &&
      there.capturedMinor === capturedMinor &&
      there.refundedMinor === refundedMinor &&
      // Refund by refund: two that are equal would else pass for one.
      there.refunds.join(",") === refunds &&
      refundPendingMinor === 0,
    rule,
    () =>
      `${orderId}: ${status}, ${capturedMinor} captured, ${refundedMinor} refunded (${refunds}), ${refundPendingMinor} being refunded; there ${there?.status}, ${there?.capturedMinor}, ${there?.refundedMinor} (${there?.refunds.join(",")})`,
  );
};
