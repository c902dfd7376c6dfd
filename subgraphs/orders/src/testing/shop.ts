import { money, productEvents } from "@supergraph/contracts";
import type { Bus } from "@supergraph/messaging";
import {
  createRequestSigner,
  generateSigningKey,
  type Logger,
  newId,
  ROUTER_SIGNATURE_HEADER,
  silentLogger,
  type Viewer,
} from "@supergraph/service";
import {
  createTestDatabase,
  createTestSigner,
  eventually,
  type ManualClock,
  manualClock,
  type TestQuery,
  testViewer,
} from "@supergraph/testing";
import postgres from "postgres";
import { expect } from "vitest";
import { migrateOrders, type OrdersConfig, startOrdersSubgraph } from "../server.ts";
import { createWorld, type World } from "./world.ts";

export interface TestVariant {
  readonly id: string;
  readonly sku: string;
}

export interface TestShop {
  readonly world: World;
  readonly clock: ManualClock;
  readonly url: string;
  readonly databaseUrl: string;
  readonly sql: postgres.Sql;
  readonly queries: string[];
  /** Takes the broker away from what orders publishes, or brings it back. */
  setPublishing(works: boolean): void;
  as(viewer: Viewer | null): TestQuery;
  /** Opens an operation as server-sent events, signed as the router does. */
  stream(
    viewer: Viewer | null,
    query: string,
    variables: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<Response>;
  /** Tells of a variant, and waits until orders knows it. 20.00 EUR and 500 g unless told otherwise. */
  sell(variant?: {
    id?: string;
    priceMinor?: bigint;
    currency?: string;
    weightGrams?: number;
    purchasable?: boolean;
    version?: number;
    title?: string;
  }): Promise<TestVariant>;
  /** A fresh customer who placed an order of one variant; answers before any saga step is waited for. */
  placedOrder(options?: { viewer?: Viewer; key?: string }): Promise<{ viewer: Viewer; orderId: string }>;
  /** Waits for the order to have this status. */
  untilStatus(orderId: string, status: string): Promise<void>;
  untilState(orderId: string, state: string): Promise<void>;
  /** Stops the subgraph alone, as a deployment does. */
  stopSubgraph(): Promise<void>;
  stop(): Promise<void>;
}

export const NOON = "2026-01-31T12:00:00.000Z";

export const ADDRESS = { line1: "Sveavägen 44", city: "Stockholm", postalCode: "111 34", country: "SE" };

/** The real subgraph on a real database, with a manual clock, among scripted services. */
export const openTestShop = async ({
  log = silentLogger(),
  config = {},
}: {
  log?: Logger;
  config?: Pick<OrdersConfig, "loadLimits" | "loadSampleMs">;
} = {}): Promise<TestShop> => {
  const database = await createTestDatabase({ migrate: migrateOrders });
  const signer = await createTestSigner();
  const streamKey = await generateSigningKey();
  const streamSigner = await createRequestSigner(streamKey);
  const world = await createWorld();
  const clock = manualClock(NOON);
  const queries: string[] = [];
  let publishing = true;
  const bus: Bus = {
    ...world.bus,
    publish: (message) =>
      publishing ? world.bus.publish(message) : Promise.reject(new Error("The broker is away for this test.")),
  };
  const running = await startOrdersSubgraph(
    {
      host: "127.0.0.1",
      port: 0,
      databaseUrl: database.url,
      routerPublicKeys: { keys: [...signer.publicJwks.keys, ...streamKey.publicJwks.keys] },
      logLevel: "silent",
      deadlinePollMs: 20,
      ...config,
    },
    { bus, log, now: clock.now, onQuery: (query) => void queries.push(query) },
  );
  world.bus.open();
  const sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  const as = signer.client(running.url, "orders");

  let stopping: Promise<void> | undefined;
  const stopSubgraph = (): Promise<void> => {
    stopping ??= running.stop();
    return stopping;
  };

  const sell: TestShop["sell"] = async ({
    id = newId("var"),
    priceMinor = 2_000n,
    currency = "EUR",
    weightGrams = 500,
    purchasable = true,
    version = 1,
    title = "Mug, blue",
  } = {}) => {
    const sku = `SKU-${id.slice(-6)}`;
    const price = money(priceMinor, currency);
    await world.tell(productEvents.variantChanged, {
      variantId: id,
      productId: newId("prd"),
      version,
      sku,
      title,
      price,
      weightGrams,
      purchasable,
    });
    return { id, sku };
  };

  const placedOrder: TestShop["placedOrder"] = async ({ viewer = testViewer(), key = newId("key") } = {}) => {
    const variant = await sell();
    await as(viewer)("mutation ($id: ID!) { cartSetLine(variantId: $id, quantity: 2) { userErrors { code } } }", {
      id: variant.id,
    });
    const { data, errors } = await as(viewer)<{ placeOrder: { order: { id: string } | null; userErrors: unknown[] } }>(
      PLACE_ORDER,
      // Two mugs of 20.00 and 8.90 for the parcel to Sweden.
      { input: placeOrderInput({ idempotencyKey: key, expectedTotal: "48.90" }) },
    );
    expect({ errors, userErrors: data?.placeOrder.userErrors }).toEqual({ errors: undefined, userErrors: [] });
    return { viewer, orderId: data?.placeOrder.order?.id ?? "" };
  };

  return {
    world,
    clock,
    url: running.url,
    databaseUrl: database.url,
    sql,
    queries,
    setPublishing(works) {
      publishing = works;
    },
    as,
    async stream(viewer, query, variables, signal) {
      const body = JSON.stringify({ query, variables });
      const caller = { viewer, correlationId: newId("req") };
      const signature = await streamSigner.sign({ subgraph: "orders", body, caller });
      return fetch(running.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "text/event-stream",
          [ROUTER_SIGNATURE_HEADER]: signature,
        },
        body,
        signal,
      });
    },
    sell,
    placedOrder,
    untilStatus: (orderId, status) =>
      eventually(async () => {
        expect(await sql`select status from orders where id = ${orderId}`).toEqual([{ status }]);
      }),
    untilState: (orderId, state) =>
      eventually(async () => {
        expect(await sql`select state from sagas where order_id = ${orderId}`).toEqual([{ state }]);
      }),
    stopSubgraph,
    async stop() {
      await stopSubgraph();
      await world.bus.stop();
      await sql.end();
      await database.drop();
    },
  };
};

export const placeOrderInput = (
  input: { idempotencyKey?: string; expectedTotal: string } & Record<string, unknown>,
) => ({
  idempotencyKey: newId("key"),
  shippingAddress: ADDRESS,
  paymentMethodToken: "tok_approve",
  ...input,
});

export const PLACE_ORDER = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    order { id number status total { amount } }
    userErrors { code path message variantId retryAfterMs }
  }
}`;

export const CANCEL_ORDER = `mutation ($input: CancelOrderInput!) {
  cancelOrder(input: $input) {
    order { id status cancelReason }
    userErrors { code path message }
  }
}`;
