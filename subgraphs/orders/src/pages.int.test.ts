import { testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { priceOrder, type SeedOrder, seedOrders } from "./seed.ts";
import { openTestShop, type TestShop } from "./testing/shop.ts";

const CUSTOMERS = 3;
const ORDERS = 150;

const id = (prefix: string, n: number): string => `${prefix}_01k0000000e008${String(n).padStart(12, "0")}`;

/** Several in each millisecond, so that only the id tells their order. */
const seededOrder = (n: number): SeedOrder => {
  const placedAt = new Date(Date.parse("2026-01-01T00:00:00.000Z") + Math.floor(n / 4));
  return {
    id: id("ord", n),
    number: `SG-20260101-Z${String(n).padStart(5, "0")}`,
    customerId: id("usr", n % CUSTOMERS),
    status: "PAID",
    cancelReason: null,
    lines: [0, 1].map((line) => ({
      id: id("lin", n * 2 + line),
      variantId: id("var", line),
      sku: `SKU-${line}`,
      title: `Mug ${line}`,
      quantity: 1,
      unitPriceMinor: 1_000n,
    })),
    shippingAddress: { line1: "a", line2: null, city: "b", region: null, postalCode: "c", country: "SE" },
    ...priceOrder([{ quantity: 2, unitPriceMinor: 1_000n, weightGrams: 400 }], "SE"),
    placedAt,
    timeline: (["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID"] as const).map((status) => ({
      status,
      at: placedAt,
      note: null,
    })),
  };
};

let shop: TestShop;
beforeAll(async () => {
  shop = await openTestShop();
  const orders = Array.from({ length: ORDERS }, (_, n) => seededOrder(n));
  await seedOrders(shop.databaseUrl, { variantPrices: [], orders });
});
afterAll(() => shop?.stop());

const support = testViewer({ roles: ["SUPPORT"] });

/** Newest first. */
const expectedIds = Array.from({ length: ORDERS }, (_, n) => id("ord", ORDERS - 1 - n));

interface Page {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

const walk = async (fetchPage: (after: string | null) => Promise<Page | undefined>): Promise<string[]> => {
  const seen: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Page | undefined = await fetchPage(after);
    if (!page) throw new Error("No page was answered.");
    seen.push(...page.edges.map(({ node }) => node.id));
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    if (!page.pageInfo.hasNextPage) return seen;
    after = page.pageInfo.endCursor;
  }
};

const PAGE = "edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

describe("paging", () => {
  it("walks all orders, newest first, without gap or repeat", async () => {
    const seen = await walk(async (after) => {
      const { data } = await shop.as(support)<{ orders: Page }>(
        `query ($after: String) { orders(first: 40, after: $after) { ${PAGE} } }`,
        { after },
      );
      return data?.orders;
    });
    expect(seen).toEqual(expectedIds);
  });

  it("walks one person's orders, newest first, without gap or repeat", async () => {
    const seen = await walk(async (after) => {
      const { data } = await shop.as(testViewer({ userId: id("usr", 1) }))<{ _entities: [{ orders: Page }] }>(
        `query ($representations: [_Any!]!, $after: String) {
          _entities(representations: $representations) { ... on User { orders(first: 7, after: $after) { ${PAGE} } } }
        }`,
        { representations: [{ __typename: "User", id: id("usr", 1) }], after },
      );
      return data?._entities[0].orders;
    });
    expect(seen).toEqual(expectedIds.filter((_, index) => (ORDERS - 1 - index) % CUSTOMERS === 1));
  });

  it("is not disturbed by orders that are placed meanwhile", async () => {
    const ask = async (after: string | null) =>
      (
        await shop.as(support)<{ orders: Page }>(
          `query ($after: String) { orders(first: 5, after: $after, filter: { status: [PAID] }) { ${PAGE} } }`,
          { after },
        )
      ).data?.orders;
    const first = await ask(null);
    shop.world.script = { reserve: "silent" };
    await shop.placedOrder();
    const second = await ask(first?.pageInfo.endCursor ?? null);
    expect(second?.edges.map(({ node }) => node.id)).toEqual(expectedIds.slice(5, 10));
  });

  it("takes a status that is named any number of times as named once", async () => {
    const { data, errors } = await shop.as(support)<{ orders: Page }>(
      `query ($status: [OrderStatus!]) { orders(first: 5, filter: { status: $status }) { ${PAGE} } }`,
      { status: Array(70_000).fill("PAID") },
    );
    expect(errors).toBeUndefined();
    expect(data?.orders.edges).toHaveLength(5);
  });

  it("answers an empty page of size 0", async () => {
    const { data } = await shop.as(support)(`{ orders(first: 0) { ${PAGE} } }`);
    expect(data).toMatchObject({ orders: { edges: [], pageInfo: { hasNextPage: true, endCursor: null } } });
  });
});

describe("SQL statements", () => {
  const statements = async (query: string, variables: Record<string, unknown> = {}): Promise<number> => {
    shop.queries.length = 0;
    const { errors } = await shop.as(support)(query, variables);
    expect(errors).toBeUndefined();
    return shop.queries.filter((sql) => / from "(orders|order_lines|order_events|cart)|"ranked"/.test(sql)).length;
  };
  const FIELDS = "id customer { id } lines { title variant { id sku } total { amount } } timeline { status at }";

  it("of a page are three, whatever its size, and one more to count", async () => {
    const page = (first: number, more = "") => `{ orders(first: ${first}) { edges { node { ${FIELDS} } } ${more} } }`;
    expect(await statements(page(2))).toBe(3);
    expect(await statements(page(50))).toBe(3);
    expect(await statements(page(50, "totalCount"))).toBe(4);
  });

  it("of 50 references are three", async () => {
    const query = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on Order { ${FIELDS} } }
    }`;
    const representations = expectedIds.slice(0, 50).map((orderId) => ({ __typename: "Order", id: orderId }));
    expect(await statements(query, { representations })).toBe(3);
  });

  it("of several people's orders are as many as of one's", async () => {
    const query = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) {
        ... on User { orders(first: 20) { edges { node { ${FIELDS} } } totalCount } }
      }
    }`;
    const people = (count: number) => ({
      representations: Array.from({ length: count }, (_, n) => ({ __typename: "User", id: id("usr", n) })),
    });
    expect(await statements(query, people(1))).toBe(4);
    expect(await statements(query, people(CUSTOMERS))).toBe(4);
  });
});
