import { z } from "zod";
import type { Customer } from "./customer.ts";
import { requestBody } from "./graph.ts";
import { askUntilAnswered } from "./persistence.ts";
import type { Tallies } from "./tallies.ts";

export const COUNTRY = "SE";

const CART = "{cart{lines{quantity variant{id}}}}";
const SET_LINE = `mutation($variantId:ID!,$quantity:Int!){cartSetLine(variantId:$variantId,quantity:$quantity){
  cart{lines{quantity} totals(country:"${COUNTRY}"){total{amount}}} userErrors{code}}}`;

const CartData = z.object({
  cart: z.object({ lines: z.array(z.object({ variant: z.object({ id: z.string() }) })) }).nullable(),
});
const SetLineData = z.object({
  cartSetLine: z.object({
    cart: z
      .object({ lines: z.array(z.unknown()), totals: z.object({ total: z.object({ amount: z.string() }) }) })
      .nullable(),
    userErrors: z.array(z.object({ code: z.string() })),
  }),
});

/** Removes what an earlier request left, which was answered to nobody and may have run once more after its order. */
export const emptyCart = async (customer: Customer, tallies: Tallies): Promise<void> => {
  const what = `the cart of ${customer.account.email}`;
  const variantIds = await askUntilAnswered(
    what,
    tallies,
    () => customer.ask(requestBody(CART, {})),
    (data) => ({ kind: "done", value: (CartData.parse(data).cart?.lines ?? []).map(({ variant }) => variant.id) }),
  );
  for (const variantId of variantIds ?? []) {
    const body = requestBody(SET_LINE, { variantId, quantity: 0 });
    // That it is gone already is as good.
    await askUntilAnswered(
      what,
      tallies,
      () => customer.ask(body),
      () => ({ kind: "done", value: null }),
    );
  }
};

/** Puts the goods into the cart and answers what an order of them alone costs; null when that does not come out. */
export const askTotal = async (
  customer: Customer,
  tallies: Tallies,
  { variantId, quantity }: { variantId: string; quantity: number },
): Promise<string | null> => {
  const what = `the total of ${quantity} × ${variantId}`;
  const body = requestBody(SET_LINE, { variantId, quantity });
  await emptyCart(customer, tallies);
  return askUntilAnswered(
    what,
    tallies,
    () => customer.ask(body),
    (data) => {
      const { cart, userErrors } = SetLineData.parse(data).cartSetLine;
      if (cart?.lines.length === 1) return { kind: "done", value: cart.totals.total.amount };
      if (cart) return { kind: "again", why: `${cart.lines.length} lines in the cart`, afterMs: null };
      tallies.failures.push(`${what}: ${JSON.stringify(userErrors)}`);
      return { kind: "done", value: null };
    },
  );
};
