import { z } from "zod";
import { emptyCart } from "./cart.ts";
import type { Customer } from "./customer.ts";
import { requestBody } from "./graph.ts";
import type { OrderLog } from "./order-log.ts";
import { persist, type Tried, tryToRead } from "./persistence.ts";
import type { TotalOf } from "./price-list.ts";
import { count, type Tallies } from "./tallies.ts";

/** What a customer set out to buy. */
export interface Purchase {
  readonly idempotencyKey: string;
  readonly variantId: string;
  readonly quantity: number;
  readonly paymentMethodToken: string;
  /** Sent twice at once: an impatient customer clicks again. */
  readonly isDoubled: boolean;
}

export interface Shopper {
  readonly customer: Customer;
  /**
   * One at a time: a customer has one cart. Answers the id of the order, or null where none was acknowledged.
   * @param leaving From then on a refusal for overload is taken for the last word.
   */
  buy(purchase: Purchase, leaving: AbortSignal): Promise<string | null>;
}

/** What all shoppers share. */
export interface ShoppingDeps {
  readonly log: OrderLog;
  readonly tallies: () => Tallies;
  /** What a purchase costs, sent to {@link COUNTRY}. */
  readonly totalOf: TotalOf;
}

export const COUNTRY = "SE";
const ADDRESS = { line1: "Sveavägen 44", city: "Stockholm", postalCode: "111 34", country: COUNTRY };

const PLACE = `mutation($variantId:ID!,$quantity:Int!,$input:PlaceOrderInput!){
  cartSetLine(variantId:$variantId,quantity:$quantity){userErrors{code message retryAfterMs}}
  placeOrder(input:$input){order{id} userErrors{code message retryAfterMs}}}`;

const UserErrors = z.array(
  z.object({ code: z.string(), message: z.string(), retryAfterMs: z.number().nullable().optional() }),
);
const PlaceData = z.object({
  cartSetLine: z.object({ userErrors: UserErrors }),
  placeOrder: z.object({ order: z.object({ id: z.string() }).nullable(), userErrors: UserErrors }),
});

type Outcome =
  | { readonly kind: "acknowledged"; readonly orderId: string }
  | { readonly kind: "refused"; readonly code: string };

/** The total is good, and the line was just set: something else is in the cart, or nothing any more. */
const CART_IS_WRONG: ReadonlySet<string> = new Set(["PRICE_CHANGED", "CART_EMPTY"]);

export const createShopper = (customer: Customer, { log, tallies, totalOf }: ShoppingDeps): Shopper => {
  /** Whether a request that nobody waits for any more may have changed the cart, or still may. */
  let isCartInDoubt = false;

  const placeOnce = async (what: string, body: string): Promise<Tried<Outcome>> => {
    const since = performance.now();
    const answer = await customer.ask(body);
    const tookMs = performance.now() - since;
    return tryToRead(what, tallies(), answer, (data): Tried<Outcome> => {
      const { cartSetLine, placeOrder } = PlaceData.parse(data);
      if (placeOrder.order) {
        tallies().latenciesMs.push(tookMs);
        return { kind: "done", value: { kind: "acknowledged", orderId: placeOrder.order.id } };
      }
      const [error] = [...cartSetLine.userErrors, ...placeOrder.userErrors];
      if (error?.code !== "OVERLOADED") return { kind: "done", value: { kind: "refused", code: error?.code ?? "?" } };
      tallies().shed += 1;
      if (error.retryAfterMs == null) tallies().failures.push(`${what}: OVERLOADED without retryAfterMs`);
      const unlessRepeated: Outcome = { kind: "refused", code: "OVERLOADED" };
      return { kind: "again", why: "OVERLOADED", afterMs: error.retryAfterMs ?? null, unlessRepeated };
    });
  };

  const placeTwice = async (what: string, body: string): Promise<Tried<Outcome>> => {
    const [first, second] = await Promise.all([placeOnce(what, body), placeOnce(what, body)]);
    const ids = [first, second].flatMap((tried) =>
      tried.kind === "done" && tried.value.kind === "acknowledged" ? [tried.value.orderId] : [],
    );
    if (new Set(ids).size > 1) tallies().failures.push(`${what}: one key was answered with ${ids.join(" and ")}`);
    const [orderId] = ids;
    if (orderId !== undefined) return { kind: "done", value: { kind: "acknowledged", orderId } };
    return first.kind === "again" ? first : second;
  };

  const place = async (purchase: Purchase, leaving: AbortSignal): Promise<Outcome | null> => {
    const { idempotencyKey, variantId, quantity, paymentMethodToken, isDoubled } = purchase;
    const what = `${customer.account.email}, order ${idempotencyKey}`;
    const expectedTotal = totalOf(purchase);
    const input = { idempotencyKey, paymentMethodToken, expectedTotal, shippingAddress: ADDRESS };
    const body = requestBody(PLACE, { variantId, quantity, input });
    let mayStillTakeEffect = isDoubled;
    let isCartWrong = false;
    const buy = async (number: number): Promise<Tried<Outcome>> => {
      // The same goods may be set again and again; others must be out of the way.
      if (isCartInDoubt && (number === 1 || isCartWrong)) await emptyCart(customer, tallies());
      isCartInDoubt = number > 1 || isDoubled;
      isCartWrong = false;
      const tried = await (isDoubled && number === 1 ? placeTwice : placeOnce)(what, body);
      if (tried.kind === "again") isCartInDoubt = true;
      if (tried.kind === "again" && tried.unlessRepeated === undefined) mayStillTakeEffect = true;
      if (tried.kind === "done" && tried.value.kind === "refused" && CART_IS_WRONG.has(tried.value.code)) {
        isCartInDoubt = true;
        isCartWrong = true;
        count(tallies().refusals, tried.value.code);
        return { kind: "again", why: tried.value.code, afterMs: 0 };
      }
      return tried;
    };
    const outcome = await persist(what, tallies(), buy, leaving);
    if (outcome?.kind === "refused") {
      count(tallies().refusals, outcome.code);
      await log.append({ kind: "refused", key: idempotencyKey, code: outcome.code, final: !mayStillTakeEffect });
    }
    return outcome;
  };

  return {
    customer,
    async buy(purchase, leaving) {
      const { idempotencyKey } = purchase;
      // In the same sync as others' answers: nobody is told of it, so nobody waits for it.
      void log.append({ kind: "sent", key: idempotencyKey });
      const outcome = await place(purchase, leaving);
      if (outcome?.kind !== "acknowledged") return null;
      await log.append({ kind: "acknowledged", key: idempotencyKey, orderId: outcome.orderId });
      tallies().acknowledged += 1;
      return outcome.orderId;
    },
  };
};
