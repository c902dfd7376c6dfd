import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Graph, GraphProblem, openGraph } from "../smoke/graph.ts";

export interface Load {
  /** Since the last time this was asked. */
  takeCounts(): Counts;
  /** Resolves once so many orders more than now are acknowledged. */
  untilAcknowledged(more: number): Promise<void>;
  /** Ends it, once each customer's order is acknowledged. */
  stop(): Promise<void>;
  /** All that were acknowledged. */
  orders(): readonly string[];
  /** Where an order stands; null where it is not there. */
  statusOf(orderId: string): Promise<string | null>;
}

export interface Counts {
  readonly requests: number;
  readonly failed: number;
  readonly acknowledged: number;
  /** Of the failures, each once. */
  readonly reasons: readonly string[];
}

interface Customer {
  readonly graph: Graph;
  /** An access token is good for a while only. */
  staySignedIn(): Promise<void>;
}

const ADDRESS = { line1: "Sveavägen 44", city: "Stockholm", postalCode: "111 34", country: "SE" };
const PAUSE_MS = 250;
/** Of the quarter of an hour for which an access token is good. */
const SIGN_IN_AGAIN_MS = 10 * 60_000;
const Errors = z.array(z.looseObject({ code: z.string() }));
const Auth = z.object({ auth: z.object({ accessToken: z.string() }) });
const Products = z.object({
  products: z.object({
    edges: z.array(
      z.object({ node: z.object({ variants: z.array(z.object({ id: z.string(), availability: z.string() })) }) }),
    ),
  }),
});
const Cart = z.object({ cart: z.object({ totals: z.object({ total: z.object({ amount: z.string() }) }) }) });
const Placed = z.object({ placed: z.object({ order: z.object({ id: z.string() }).nullable(), userErrors: Errors }) });

/**
 * So many customers who buy one thing after the other, as patient ones do: what was not answered is asked again, with the
 * same key. Each order is for one piece of something that is in stock.
 */
export const startLoad = async (url: string, customers: number): Promise<Load> => {
  const ended = new AbortController();
  const counts = { requests: 0, failed: 0, acknowledged: 0 };
  const reasons = new Set<string>();
  const orders = new Map<string, Graph>();
  let stopping = false;

  const insist = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (;;) {
      counts.requests += 1;
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof GraphProblem) || ended.signal.aborted) throw error;
        counts.failed += 1;
        reasons.add(error.message);
        await pause(PAUSE_MS);
      }
    }
  };

  const openCustomer = async (): Promise<Customer> => {
    const graph = openGraph(url, ended.signal);
    const input = {
      email: `load-${randomBytes(8).toString("hex")}@example.com`,
      password: randomBytes(18).toString("base64url"),
    };
    let signedInAt = Number.NEGATIVE_INFINITY;
    const signIn = async (document: string): Promise<void> => {
      const { auth } = await insist(() => graph.ask(Auth, document, { input }));
      graph.signIn(auth.accessToken);
      signedInAt = performance.now();
    };
    await signIn("mutation Load($input: RegisterInput!) { auth: register(input: $input) { accessToken } }");
    return {
      graph,
      async staySignedIn() {
        if (performance.now() - signedInAt > SIGN_IN_AGAIN_MS)
          await signIn("mutation Load($input: LoginInput!) { auth: login(input: $input) { accessToken } }");
      },
    };
  };

  const { products } = await insist(() =>
    openGraph(url, ended.signal).ask(
      Products,
      "query Load { products(first: 50, filter: { inStock: true }) { edges { node { variants { id availability } } } } }",
    ),
  );
  const variants = products.edges.flatMap(({ node }) =>
    node.variants.filter(({ availability }) => availability === "IN_STOCK").map(({ id }) => id),
  );

  const buy = async ({ graph, staySignedIn }: Customer, variantId: string): Promise<void> => {
    await staySignedIn();
    await insist(() =>
      graph.ask(
        z.unknown(),
        "mutation Load($id: ID!) { cartSetLine(variantId: $id, quantity: 1) { userErrors { code } } }",
        { id: variantId },
      ),
    );
    const { cart } = await insist(() =>
      graph.ask(Cart, 'query Load { cart { totals(country: "SE") { total { amount } } } }'),
    );
    const input = {
      idempotencyKey: randomUUID(),
      paymentMethodToken: "tok_approve",
      expectedTotal: cart.totals.total.amount,
      shippingAddress: ADDRESS,
    };
    const { placed } = await insist(() =>
      graph.ask(
        Placed,
        "mutation Load($input: PlaceOrderInput!) { placed: placeOrder(input: $input) { order { id } userErrors { code } } }",
        { input },
      ),
    );
    if (!placed.order) return;
    orders.set(placed.order.id, graph);
    counts.acknowledged += 1;
  };

  const opened = await Promise.all(Array.from({ length: customers }, openCustomer));
  const running = opened.map(async (customer, index) => {
    for (let at = index; !stopping; at += customers) {
      const variantId = variants[at % variants.length];
      if (variantId !== undefined) await buy(customer, variantId);
      await pause(PAUSE_MS);
    }
  });

  return {
    takeCounts() {
      const taken = { ...counts, reasons: [...reasons] };
      Object.assign(counts, { requests: 0, failed: 0, acknowledged: 0 });
      reasons.clear();
      return taken;
    },
    async untilAcknowledged(more) {
      const wanted = orders.size + more;
      while (orders.size < wanted) await pause(PAUSE_MS);
    },
    async stop() {
      stopping = true;
      await Promise.all(running);
    },
    orders: () => [...orders.keys()],
    async statusOf(orderId) {
      const graph = orders.get(orderId);
      if (!graph) return null;
      const { order } = await insist(() =>
        graph.ask(
          z.object({ order: z.object({ status: z.string() }).nullable() }),
          "query Load($id: ID!) { order(id: $id) { status } }",
          { id: orderId },
        ),
      );
      return order?.status ?? null;
    },
  };
};
