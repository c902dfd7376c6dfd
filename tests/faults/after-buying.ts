import { setTimeout as delay } from "node:timers/promises";
import { request } from "undici";
import { z } from "zod";
import type { Customer } from "./customer.ts";
import { type GraphAnswer, requestBody } from "./graph.ts";
import type { OrderLog } from "./order-log.ts";
import { askUntilAnswered, persist } from "./persistence.ts";
import type { Tallies } from "./tallies.ts";

const CANCEL = "mutation($input:CancelOrderInput!){cancelOrder(input:$input){order{id} userErrors{code}}}";
const ORDER = "query($id:ID!){order(id:$id){status payment{id status nextActionUrl}}}";
const SHOWN = 10;
const NEWEST = `{me{orders(first:${SHOWN}){edges{node{id status total{amount}}}}}}`;
const REFUND = "mutation($input:RefundInput!){refundPayment(input:$input){refund{status} userErrors{code}}}";

const CancelData = z.object({
  cancelOrder: z.object({
    order: z.object({ id: z.string() }).nullable(),
    userErrors: z.array(z.object({ code: z.string() })),
  }),
});
const OrderData = z.object({
  order: z
    .object({
      status: z.string(),
      payment: z.object({ id: z.string(), status: z.string(), nextActionUrl: z.string().nullable() }).nullable(),
    })
    .nullable(),
});
const NewestData = z.object({
  me: z
    .object({ orders: z.object({ edges: z.array(z.object({ node: z.object({ id: z.string() }) })) }).nullable() })
    .nullable(),
});
const RefundData = z.object({
  refundPayment: z.object({
    refund: z.object({ status: z.string() }).nullable(),
    userErrors: z.array(z.object({ code: z.string() })),
  }),
});

/** Calls the order off. That it ended otherwise before is no failure. */
export const cancel = async (
  customer: Customer,
  orderId: string,
  { log, tallies }: { log: OrderLog; tallies: Tallies },
): Promise<void> => {
  const what = `the cancellation of ${orderId}`;
  const body = requestBody(CANCEL, { input: { id: orderId, idempotencyKey: `cancel-${orderId}` } });
  const isAccepted = await askUntilAnswered(
    what,
    tallies,
    () => customer.ask(body),
    (data) => {
      const { order, userErrors } = CancelData.parse(data).cancelOrder;
      if (order) return { kind: "done", value: true };
      const [error] = userErrors;
      if (error?.code !== "NOT_CANCELLABLE") tallies.failures.push(`${what}: ${error?.code}`);
      return { kind: "done", value: false };
    },
  );
  if (!isAccepted) return;
  await log.append({ kind: "cancelled", orderId });
  tallies.cancelled += 1;
};

const LOOK_FOR_ACTION_MS = 10_000;

/** Waits until the payment wants the customer's confirmation, and gives it. */
export const confirm = async (customer: Customer, orderId: string, tallies: Tallies): Promise<void> => {
  const until = performance.now() + LOOK_FOR_ACTION_MS;
  const body = requestBody(ORDER, { id: orderId });
  while (performance.now() < until) {
    await delay(500);
    const answer = await customer.ask(body);
    // Nobody retries a page that is looked at again anyway.
    const order = answer.kind === "data" ? OrderData.parse(answer.data).order : null;
    if (order?.status === "CANCELLED" || order?.status === "CANCELLING") return;
    const url = order?.payment?.nextActionUrl;
    if (!url) continue;
    if (await isConfirmed(url)) {
      tallies.confirmed += 1;
      return;
    }
  }
};

/** The provider may be down, or the payment given up meanwhile: then there is nothing to confirm. */
const isConfirmed = async (url: string): Promise<boolean> => {
  try {
    const { statusCode, body } = await request(`${url}/confirm`, {
      method: "POST",
      headers: { accept: "application/json" },
      headersTimeout: 5_000,
    });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
};

/** Looks at the customer's newest orders; `orderId`, which was just acknowledged, must be among them, or behind newer ones. */
export const readOrders = async (customer: Customer, orderId: string, tallies: Tallies): Promise<void> => {
  const answer = await customer.ask(requestBody(NEWEST, {}));
  if (answer.kind === "failed") tallies.failures.push(`me.orders: ${answer.evidence}`);
  const orders = answer.kind === "data" ? NewestData.parse(answer.data).me?.orders : null;
  if (!orders) return;
  tallies.read += 1;
  const ids = orders.edges.map(({ node }) => node.id);
  // While the answer was on its way the customer may have ordered more than are shown; ids tell what is newer.
  const isBehindNewer = ids.length === SHOWN && ids.every((id) => id > orderId);
  if (!ids.includes(orderId) && !isBehindNewer)
    tallies.failures.push(`${orderId} was acknowledged, and is not in me.orders a moment later`);
};

const UNTIL_CAPTURED_MS = 20_000;

/** Support gives one cent back once the order is paid; the same request again and again until it is answered. */
export const refund = async (support: Customer, orderId: string, tallies: Tallies): Promise<void> => {
  const paymentId = await untilCaptured(support, orderId);
  if (paymentId === null) return;
  const what = `the refund of ${orderId}`;
  const input = { paymentId, amount: "0.01", reason: "A scratch.", idempotencyKey: `refund-${orderId}` };
  const body = requestBody(REFUND, { input });
  const isRefunded = await persist<boolean>(what, tallies, async () => {
    const answer: GraphAnswer = await support.ask(body);
    if (answer.kind !== "data") {
      if (answer.kind !== "retry") tallies.failures.push(`${what}: ${JSON.stringify(answer)}`);
      return { kind: "again", why: answer.kind === "retry" ? answer.why : answer.kind, afterMs: null };
    }
    const { refund: made, userErrors } = RefundData.parse(answer.data).refundPayment;
    if (made) return { kind: "done", value: true };
    const [error] = userErrors;
    // Cancelled meanwhile: all of it goes back already.
    if (error?.code !== "EXCEEDS_CAPTURED" && error?.code !== "NOT_CAPTURED")
      tallies.failures.push(`${what}: ${error?.code}`);
    return { kind: "done", value: false };
  });
  if (isRefunded) tallies.refunded += 1;
};

const untilCaptured = async (support: Customer, orderId: string): Promise<string | null> => {
  const until = performance.now() + UNTIL_CAPTURED_MS;
  while (performance.now() < until) {
    await delay(1_000);
    const answer = await support.ask(requestBody(ORDER, { id: orderId }));
    const payment = answer.kind === "data" ? OrderData.parse(answer.data).order?.payment : null;
    if (payment?.status === "CAPTURED") return payment.id;
  }
  return null;
};
