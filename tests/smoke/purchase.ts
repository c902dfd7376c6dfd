import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Graph, GraphProblem } from "./graph.ts";

/** One thing that a shop must be able to do. */
export interface Step {
  /** What works when it passes. */
  readonly works: string;
  /** Resolves to what was seen. @throws GraphProblem */
  run(): Promise<string>;
}

export interface Account {
  readonly email: string;
  readonly password: string;
}

const POLL_MS = 250;
const ADDRESS = { line1: "Sveavägen 44", city: "Stockholm", postalCode: "111 34", country: "SE" };

const UserErrors = z.array(z.looseObject({ code: z.string(), message: z.string() }));
type UserErrors = z.output<typeof UserErrors>;
const Money = z.object({ amount: z.string(), currency: z.string() });
const Order = z.object({
  id: z.string(),
  number: z.string(),
  status: z.string(),
  cancelReason: z.string().nullable(),
  total: Money,
  lines: z.array(z.object({ title: z.string(), quantity: z.number() })),
  payment: z.object({ status: z.string(), capturedAmount: z.object({ amount: z.string() }).nullable() }).nullable(),
});
type Order = z.output<typeof Order>;
const Auth = z.object({
  accessToken: z.string().nullable(),
  user: z.object({ id: z.string() }).nullable(),
  userErrors: UserErrors,
});

const AUTH = "{ accessToken user { id } userErrors { code message } }";
const ORDER = `{ order(id: $id) {
  id number status cancelReason total { amount currency } lines { title quantity } payment { status capturedAmount { amount } }
} }`;
const PRODUCTS = `query Smoke($after: String) {
  products(first: 20, after: $after, filter: { inStock: true }) {
    edges { node { title slug variants { id title availability } } } pageInfo { hasNextPage endCursor }
  }
}`;
const Products = z.object({
  products: z.object({
    edges: z.array(
      z.object({
        node: z.object({
          title: z.string(),
          slug: z.string(),
          variants: z.array(z.object({ id: z.string(), title: z.string().nullable(), availability: z.string() })),
        }),
      }),
    ),
  }),
});

/**
 * A purchase from the first look to the payment, and back: what was bought is called off again unless it is `kept`, so
 * that the shop has its stock as before. Without an `account` a new one stays, whose password nobody knows. Nothing is
 * assumed of the deployment but its API; a step needs those before it.
 */
export const purchase = (
  graph: Graph,
  { account, kept, stepMs }: { account: Account | null; kept: boolean; stepMs: number },
): Step[] => {
  let variant = { id: "", title: "" };
  let expectedTotal = "";
  let orderId = "";
  const idempotencyKey = `smoke-${randomUUID()}`;
  const somebody = account ?? {
    email: `smoke-${randomBytes(8).toString("hex")}@example.com`,
    password: randomBytes(18).toString("base64url"),
  };

  const readOrder = async (): Promise<Order> => {
    const { order } = await graph.ask(z.object({ order: Order.nullable() }), `query Smoke($id: ID!) ${ORDER}`, {
      id: orderId,
    });
    if (!order) throw new GraphProblem(`the order ${orderId} is not there for the customer who placed it`);
    return order;
  };
  const until = async (wanted: (order: Order) => boolean, what: string): Promise<{ order: Order; ms: number }> => {
    const begun = performance.now();
    for (;;) {
      const order = await readOrder();
      const ms = Math.round(performance.now() - begun);
      if (wanted(order)) return { order, ms };
      const isOver = order.status === "CANCELLED" || ms > stepMs;
      if (isOver)
        throw new GraphProblem(
          `the order ${order.number} is ${order.status}${order.cancelReason ? ` (${order.cancelReason})` : ""} after ${(ms / 1000).toFixed(1)} s, not ${what}`,
        );
      await pause(POLL_MS);
    }
  };
  const authenticate = async (mutation: "login" | "register"): Promise<z.output<typeof Auth>> => {
    const type = mutation === "login" ? "LoginInput" : "RegisterInput";
    const { auth } = await graph.ask(
      z.object({ auth: Auth }),
      `mutation Smoke($input: ${type}!) { auth: ${mutation}(input: $input) ${AUTH} }`,
      { input: somebody },
    );
    return auth;
  };

  const steps: Step[] = [
    {
      works: "The endpoint answers",
      async run() {
        const { __typename } = await graph.ask(z.object({ __typename: z.string() }), "query Smoke { __typename }");
        return __typename;
      },
    },
    {
      works: "A guest finds something that can be bought",
      async run() {
        const { products } = await graph.ask(Products, PRODUCTS);
        for (const { node } of products.edges)
          for (const { id, title, availability } of node.variants)
            if (availability === "IN_STOCK") {
              variant = { id, title: title ? `${node.title}, ${title}` : node.title };
              return variant.title;
            }
        throw new GraphProblem("there is no product in stock: has anybody filled the shop?");
      },
    },
    {
      works: account ? "The account is there, or can be registered" : "An account can be registered",
      async run() {
        const auth = await authenticate("register");
        const isThere = account !== null && auth.userErrors.some(({ code }) => code === "EMAIL_TAKEN");
        if (auth.userErrors.length > 0 && !isThere) throw refusal("registering", auth.userErrors);
        return isThere ? `${somebody.email} was there` : somebody.email;
      },
    },
    {
      works: "It can sign in",
      async run() {
        const auth = await authenticate("login");
        if (!auth.accessToken) throw refusal("signing in", auth.userErrors);
        graph.signIn(auth.accessToken);
        return auth.user?.id ?? "";
      },
    },
    {
      works: "It can fill a cart, and is told what that costs",
      async run() {
        const { set } = await graph.ask(
          z.object({ set: z.object({ userErrors: UserErrors }) }),
          "mutation Smoke($id: ID!) { set: cartSetLine(variantId: $id, quantity: 1) { userErrors { code message } } }",
          { id: variant.id },
        );
        if (set.userErrors.length > 0) throw refusal("the cart", set.userErrors);
        const { cart } = await graph.ask(
          z.object({ cart: z.object({ totals: z.object({ total: Money }) }).nullable() }),
          "query Smoke($country: String!) { cart { totals(country: $country) { total { amount currency } } } }",
          { country: ADDRESS.country },
        );
        if (!cart) throw new GraphProblem("whoever is signed in has no cart");
        expectedTotal = cart.totals.total.amount;
        return `${expectedTotal} ${cart.totals.total.currency}`;
      },
    },
    {
      works: "It can place an order, and no second one by asking twice",
      async run() {
        const input = { idempotencyKey, paymentMethodToken: "tok_approve", expectedTotal, shippingAddress: ADDRESS };
        const place = async () => {
          const { placed } = await graph.ask(
            z.object({
              placed: z.object({
                order: z.object({ id: z.string(), number: z.string() }).nullable(),
                userErrors: UserErrors,
              }),
            }),
            "mutation Smoke($input: PlaceOrderInput!) { placed: placeOrder(input: $input) { order { id number } userErrors { code message } } }",
            { input },
          );
          if (!placed.order) throw refusal("the order", placed.userErrors);
          return placed.order;
        };
        const order = await place();
        orderId = order.id;
        const again = await place();
        if (again.id !== order.id) throw new GraphProblem(`asking twice made two orders, ${order.id} and ${again.id}`);
        return order.number;
      },
    },
    {
      works: "Stock, payment and events bring it to PAID",
      async run() {
        const { ms } = await until(({ status }) => status === "PAID", "PAID");
        return `after ${(ms / 1000).toFixed(1)} s`;
      },
    },
    {
      works: "It can be read back, and what was captured is what it costs",
      async run() {
        const { number, total, lines, payment } = await readOrder();
        const captured = payment?.capturedAmount?.amount;
        if (payment?.status !== "CAPTURED" || captured !== total.amount)
          throw new GraphProblem(
            `the order ${number} costs ${total.amount}, and its payment is ${payment?.status ?? "not known"} with ${captured ?? "nothing"} captured`,
          );
        if (lines.length !== 1 || lines[0]?.quantity !== 1)
          throw new GraphProblem(`the order ${number} has other lines than were ordered: ${JSON.stringify(lines)}`);
        return `${total.amount} ${total.currency}`;
      },
    },
  ];
  if (kept) return steps;
  steps.push({
    works: "It can be called off, and the money goes back",
    async run() {
      const { cancelled } = await graph.ask(
        z.object({ cancelled: z.object({ userErrors: UserErrors }) }),
        "mutation Smoke($input: CancelOrderInput!) { cancelled: cancelOrder(input: $input) { userErrors { code message } } }",
        { input: { id: orderId, idempotencyKey: `${idempotencyKey}-off`, note: "A smoke test." } },
      );
      if (cancelled.userErrors.length > 0) throw refusal("calling off", cancelled.userErrors);
      const { ms } = await until(
        ({ status, payment }) => status === "CANCELLED" && payment?.status === "REFUNDED",
        "CANCELLED and REFUNDED",
      );
      return `after ${(ms / 1000).toFixed(1)} s`;
    },
  });
  return steps;
};

const refusal = (what: string, errors: UserErrors): GraphProblem => {
  const [first] = errors;
  return new GraphProblem(`${what} was refused: ${first ? `${first.code}, ${first.message}` : "without a reason"}`);
};
