import { silentLogger } from "@supergraph/service";
import { createTestDatabase, createTestSigner, eventually, type TestDatabase, testViewer } from "@supergraph/testing";
import postgres from "postgres";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ORDER_STATUSES, type OrderStatus } from "./domain/order.ts";
import { isSeeded, priceOrder, type SeedOrder, type SeedVariantPrice, seedOrders } from "./seed.ts";
import { migrateOrders, startOrdersSubgraph } from "./server.ts";
import { createWorld } from "./testing/world.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase({ migrate: migrateOrders });
});
afterEach(() => database?.drop());

const id = (prefix: string, n: number): string => `${prefix}_01k0000000e008${String(n).padStart(12, "0")}`;

const price = (n: number): SeedVariantPrice => ({
  variantId: id("var", n),
  productId: id("prd", n),
  sku: `SKU-${n}`,
  title: `Mug ${n}`,
  priceMinor: 1_000n,
  weightGrams: 400,
  purchasable: true,
  version: 1,
});

const order = (n: number, status: OrderStatus, placedAt: Date): SeedOrder => ({
  id: id("ord", n),
  number: `SG-20260101-Z${String(n).padStart(5, "0")}`,
  customerId: id("usr", 1),
  status,
  cancelReason: status === "CANCELLING" || status === "CANCELLED" ? "CUSTOMER" : null,
  lines: [
    { id: id("lin", n), variantId: id("var", 1), sku: "SKU-1", title: "Mug 1", quantity: 2, unitPriceMinor: 1_000n },
  ],
  shippingAddress: {
    line1: "Sveavägen 44",
    line2: null,
    city: "Stockholm",
    region: null,
    postalCode: "111 34",
    country: "SE",
  },
  ...priceOrder([{ quantity: 2, unitPriceMinor: 1_000n, weightGrams: 400 }], "SE"),
  placedAt,
  timeline: [{ status, at: placedAt, note: null }],
});

const seed = (now: Date) => ({
  variantPrices: Array.from({ length: 2_500 }, (_, n) => price(n)),
  orders: ORDER_STATUSES.map((status, n) => order(n, status, new Date(now.getTime() - n * 1_000))),
});

it("fills an empty database, and changes nothing when repeated", async () => {
  const sql = postgres(database.url, { max: 1 });
  try {
    expect(await isSeeded(database.url)).toBe(false);
    for (let round = 0; round < 2; round += 1) {
      await seedOrders(database.url, seed(new Date("2026-01-31T12:00:00.000Z")));
      const [counts] = await sql`select (select count(*)::int from variant_prices) as prices,
        (select count(*)::int from orders) as orders, (select count(*)::int from order_lines) as lines,
        (select count(*)::int from order_events) as events, (select count(*)::int from sagas) as sagas,
        (select count(*)::int from outbox) as messages`;
      expect(counts).toEqual({ prices: 2_500, orders: 8, lines: 8, events: 8, sagas: 8, messages: 0 });
    }
    expect(await isSeeded(database.url)).toBe(true);
    expect(
      await sql`select 1 from sagas s join orders o on o.id = s.order_id
      where (o.status in ('PENDING', 'AWAITING_PAYMENT', 'CONFIRMED', 'CANCELLING')) <> (s.deadline_at is not null)`,
    ).toEqual([]);
  } finally {
    await sql.end();
  }
});

it("leaves orders under way in a state that a running service brings to its end", async () => {
  const now = new Date("2026-01-31T12:00:00.000Z");
  await seedOrders(database.url, seed(now));
  const world = await createWorld();
  const signer = await createTestSigner();
  const running = await startOrdersSubgraph(
    {
      host: "127.0.0.1",
      port: 0,
      databaseUrl: database.url,
      routerPublicKeys: signer.publicJwks,
      logLevel: "silent",
      deadlinePollMs: 20,
    },
    { bus: world.bus, log: silentLogger(), now: () => new Date(now.getTime() + 11 * 60_000) },
  );
  world.bus.open();
  try {
    const ask = signer.client(running.url, "orders")(testViewer({ userId: id("usr", 1) }));
    await eventually(async () => {
      const { data } = await ask<{ _entities: [{ orders: { edges: { node: { status: string } }[] } }] }>(
        `query ($representations: [_Any!]!) {
          _entities(representations: $representations) { ... on User { orders { edges { node { status } } } } }
        }`,
        { representations: [{ __typename: "User", id: id("usr", 1) }] },
      );
      expect(data?._entities[0].orders.edges.map(({ node }) => node.status)).toEqual([
        "PAID", // was PENDING: reserved, authorised, committed and captured
        "CANCELLED", // was AWAITING_PAYMENT: the customer did not confirm for 10 minutes
        "PAID", // was CONFIRMED
        "PAID",
        "SHIPPED",
        "DELIVERED",
        "CANCELLED", // was CANCELLING
        "CANCELLED",
      ]);
    });
  } finally {
    await running.stop();
    await world.bus.stop();
  }
});
