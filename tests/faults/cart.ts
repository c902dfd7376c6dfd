import { z } from "zod";
import type { Customer } from "./customer.ts";
import { requestBody } from "./graph.ts";
import { askUntilAnswered } from "./persistence.ts";
import type { Tallies } from "./tallies.ts";

const CART = "{cart{lines{quantity variant{id}}}}";
const REMOVE_LINE = "mutation($variantId:ID!){cartSetLine(variantId:$variantId,quantity:0){userErrors{code}}}";

const CartData = z.object({
  cart: z.object({ lines: z.array(z.object({ variant: z.object({ id: z.string() }) })) }).nullable(),
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
    const body = requestBody(REMOVE_LINE, { variantId });
    // That it is gone already is as good.
    await askUntilAnswered(
      what,
      tallies,
      () => customer.ask(body),
      () => ({ kind: "done", value: null }),
    );
  }
};
