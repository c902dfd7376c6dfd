import { randomUUID } from "node:crypto";
import { createRequestSigner, generateSigningKey } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fillCart, findVariant, placeOrder, STOCKHOLM, untilStatus } from "./checkout.ts";
import { type Shop, startShop } from "./shop.ts";

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers to malformed requests have no type; every test says what it expects.
  readonly json: any;
}

let shop: Shop;
let customer: string;
let admin: string;

beforeAll(async () => {
  shop = await startShop({ bus: "in-process" });
  customer = await shop.accessToken("customer");
  admin = await shop.accessToken("admin");
  // The example shop starts with orders under way, which write until they have come to their end.
  await eventually(async () => {
    const open = await ask(
      "{ orders(filter: { status: [PENDING, CONFIRMED, CANCELLING] }) { totalCount } }",
      {},
      admin,
    );
    expect(open.json.data.orders.totalCount).toBe(0);
  });
});
afterAll(() => shop?.stop());

const send = async (init: RequestInit, path = ""): Promise<Answer> => {
  const response = await fetch(`${shop.endpoint}${path}`, init);
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, contentType: response.headers.get("content-type") ?? "", text, json };
};

const ask = (query: string, variables: object = {}, token?: string): Promise<Answer> =>
  send({
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });

const code = (answer: Answer): string | undefined => answer.json?.errors?.[0]?.extensions?.code;

/** Everything that a wrong input could have written to. */
const fingerprint = async (): Promise<Record<string, unknown>> => {
  const counts = async (url: string, tables: readonly string[]) => {
    const sql = postgres(url, { max: 1 });
    try {
      return Object.fromEntries(
        await Promise.all(
          tables.map(async (table) => [table, (await sql`select count(*)::int as n from ${sql(table)}`)[0]?.n]),
        ),
      );
    } finally {
      await sql.end();
    }
  };
  const { users, products, orders, payments } = shop.supergraph.databaseUrls;
  return {
    users: await counts(users, ["users", "addresses"]),
    products: await counts(products, ["products", "variants", "stock_adjustments"]),
    orders: await counts(orders, ["orders", "order_lines", "carts", "cart_lines"]),
    payments: await counts(payments, ["payments", "refunds"]),
  };
};

const expectNothingWritten = async (work: () => Promise<void>): Promise<void> => {
  const before = await fingerprint();
  await work();
  expect(await fingerprint()).toEqual(before);
};

/** No answer may tell a client where something runs or how it failed inside. */
const expectNothingLeaked = ({ text }: Answer): void => {
  expect(text).not.toMatch(/127\.0\.0\.1|localhost|ECONN|stacktrace|node_modules|\.ts:\d|at \w+ \(/);
};

describe("a malformed request", () => {
  it.each([
    ["an empty body", { headers: { "content-type": "application/json" }, body: "" }, 400],
    ["half a JSON", { headers: { "content-type": "application/json" }, body: '{"query": "{ me' }, 400],
    ["JSON that is no object", { headers: { "content-type": "application/json" }, body: "42" }, 400],
    ["a batch", { headers: { "content-type": "application/json" }, body: '[{"query":"{ me { id } }"}]' }, 400],
    ["no query", { headers: { "content-type": "application/json" }, body: "{}" }, 400],
    ["plain text", { headers: { "content-type": "text/plain" }, body: "{ me { id } }" }, 415],
    ["a form", { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "query={me{id}}" }, 415],
    [
      "an oversized body",
      { headers: { "content-type": "application/json" }, body: JSON.stringify({ query: " ".repeat(3_000_000) }) },
      413,
    ],
  ])("with %s is answered with a typed error", async (_what, init, status) => {
    const answer = await send({ method: "POST", ...init });
    expect(answer.status).toBe(status);
    expect(answer.contentType).toMatch(/json/);
    expect(code(answer)).toEqual(expect.stringMatching(/^[A-Z_]+$/));
    expect(code(answer)).not.toBe("INTERNAL_SERVER_ERROR");
    expectNothingLeaked(answer);
  });

  it("with a wrong method is told which are right", async () => {
    const answer = await send({ method: "DELETE" });
    expect(answer.status).toBe(405);
  });
});

describe("an operation that cannot run", () => {
  it.each([
    ["a syntax error", "{ me { ", {}, "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", "{ me { shoeSize } }", {}, "GRAPHQL_VALIDATION_FAILED"],
    [
      "a wrong variable type",
      "query ($first: Int) { products(first: $first) { edges { cursor } } }",
      { first: "many" },
      "BAD_USER_INPUT",
    ],
    ["a missing variable", "query ($id: ID!) { order(id: $id) { id } }", {}, "BAD_USER_INPUT"],
    [
      "an Int beyond 32 bits",
      "query ($first: Int) { products(first: $first) { edges { cursor } } }",
      { first: 1e12 },
      "BAD_USER_INPUT",
    ],
    ["a cursor that is none", '{ products(after: "¯\\\\_(ツ)_/¯") { edges { cursor } } }', {}, "BAD_USER_INPUT"],
    [
      "a cursor of another list",
      `{ products(after: "${Buffer.from('["x"]').toString("base64url")}") { edges { cursor } } }`,
      {},
      "BAD_USER_INPUT",
    ],
    ["a negative first", "{ products(first: -1) { edges { cursor } } }", {}, "BAD_USER_INPUT"],
    ["a huge first", "{ products(first: 1000000) { edges { cursor } } }", {}, "BAD_USER_INPUT"],
    ["first and last at once", "{ products(first: 1, last: 1) { edges { cursor } } }", {}, "BAD_USER_INPUT"],
    [
      "a price with too many decimals",
      '{ products(filter: { minPrice: "1.999" }) { edges { cursor } } }',
      {},
      "BAD_USER_INPUT",
    ],
    [
      "a price that is no number",
      '{ products(filter: { minPrice: "cheap" }) { edges { cursor } } }',
      {},
      "BAD_USER_INPUT",
    ],
  ])("because of %s is answered with a code", async (_what, query, variables, expected) => {
    const answer = await ask(query, variables);
    expect(code(answer)).toBe(expected);
    expectNothingLeaked(answer);
  });
});

describe("ids", () => {
  it.each([
    "",
    "nonsense",
    "ord_00000000000000000000000000",
    "usr_00000000000000000000000000",
    "💥",
    "x".repeat(100_000),
  ])("that name nothing are answered like nothing (%#)", async (id) => {
    const answer = await ask("query ($id: ID!) { order(id: $id) { id } product(id: $id) { id } }", { id }, customer);
    expect(answer.json.errors).toBeUndefined();
    expect(answer.json.data).toEqual({ order: null, product: null });
  });

  it("of another customer's things are answered like nothing", async () => {
    const foreign = await postgres(shop.supergraph.databaseUrls.orders, { max: 1 });
    const rows =
      await foreign`select id from orders where customer_id <> (select customer_id from orders group by 1 order by count(*) desc limit 1) limit 1`;
    await foreign.end();
    const id: string = rows[0]?.id;
    expect(id).toMatch(/^ord_/);
    expect((await ask("query ($id: ID!) { order(id: $id) { id } }", { id }, customer)).json.data).toEqual({
      order: null,
    });
    await expectNothingWritten(async () => {
      const cancel = await ask(
        'mutation ($id: ID!) { cancelOrder(input: { id: $id, idempotencyKey: "mine" }) { order { id } userErrors { code } } }',
        { id },
        customer,
      );
      expect(cancel.json.data.cancelOrder).toEqual({ order: null, userErrors: [{ code: "NOT_FOUND" }] });
    });
  });
});

describe("cartSetLine", () => {
  const setLine = (variantId: string, quantity: number) =>
    ask(
      "mutation ($variantId: ID!, $quantity: Int!) { cartSetLine(variantId: $variantId, quantity: $quantity) { cart { id } userErrors { code path message } } }",
      { variantId, quantity },
      customer,
    );

  it.each([0, -1, 1_000_000_000])("refuses a quantity of %i and writes nothing", async (quantity) => {
    const { id } = await findVariant(shop.client(), "espresso");
    await expectNothingWritten(async () => {
      const answer = await setLine(id, quantity);
      expect(answer.json.data.cartSetLine).toMatchObject({ userErrors: [{ code: "INVALID", path: ["quantity"] }] });
    });
  });

  it.each([
    "nonsense",
    "prd_00000000000000000000000000",
    "var_00000000000000000000000000",
    "a\u0000b",
  ])("refuses the variant %j and writes nothing", async (variantId) => {
    await expectNothingWritten(async () => {
      const answer = await setLine(variantId, 1);
      expect(answer.json.data.cartSetLine).toMatchObject({ userErrors: [{ code: "VARIANT_UNAVAILABLE" }] });
    });
  });
});

describe("placeOrder", () => {
  const PLACE = `mutation ($input: PlaceOrderInput!) {
    placeOrder(input: $input) { order { id } userErrors { code path message } }
  }`;
  const input = (changes: object) => ({
    idempotencyKey: randomUUID(),
    shippingAddress: STOCKHOLM,
    paymentMethodToken: "tok_approve",
    expectedTotal: "1.00",
    ...changes,
  });

  it.each([
    ["too many decimals in the total", { expectedTotal: "1.001" }, "INVALID"],
    ["a total that the cart does not have", { expectedTotal: "0.01" }, "PRICE_CHANGED"],
    ["a country that is none", { shippingAddress: { ...STOCKHOLM, country: "XX" } }, "INVALID"],
    ["an empty street", { shippingAddress: { ...STOCKHOLM, line1: "  " } }, "INVALID"],
    ["a NUL in a text", { shippingAddress: { ...STOCKHOLM, city: "Stock\u0000holm" } }, "INVALID"],
    ["a street of 500,000 characters", { shippingAddress: { ...STOCKHOLM, line1: "x".repeat(500_000) } }, "INVALID"],
    ["an empty idempotency key", { idempotencyKey: "" }, "INVALID"],
    ["an empty token", { paymentMethodToken: "" }, "INVALID"],
  ])("refuses %s with a code, and writes nothing", async (_what, changes, expected) => {
    await fillCart(shop.client(customer), (await findVariant(shop.client())).id);
    await expectNothingWritten(async () => {
      const answer = await ask(PLACE, { input: input(changes) }, customer);
      expect(answer.json.data?.placeOrder).toMatchObject({ order: null, userErrors: [{ code: expected }] });
      expectNothingLeaked(answer);
    });
  });

  it("makes one order of the same request sent five times at once, and refuses the key with another request", async () => {
    const expectedTotal = await fillCart(shop.client(customer), (await findVariant(shop.client())).id);
    const request = input({ expectedTotal });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(PLACE, { input: request }, customer)));
    const ids = answers.map(({ json }) => json.data.placeOrder.order?.id);
    expect(ids[0]).toMatch(/^ord_/);
    expect(new Set(ids).size).toBe(1);
    await untilStatus(shop.client(customer), ids[0], "PAID");
    await expectNothingWritten(async () => {
      const other = await ask(PLACE, { input: { ...request, paymentMethodToken: "tok_slow" } }, customer);
      expect(other.json.data.placeOrder).toMatchObject({ order: null, userErrors: [{ code: "IDEMPOTENCY_MISMATCH" }] });
    });
  });

  it("refuses an empty cart", async () => {
    await expectNothingWritten(async () => {
      const support = await shop.accessToken("support");
      const answer = await ask(PLACE, { input: input({}) }, support);
      expect(answer.json.data.placeOrder.userErrors).toMatchObject([{ code: "CART_EMPTY" }]);
    });
  });
});

describe("text", () => {
  it("takes Unicode and emoji everywhere, and gives them back unchanged", async () => {
    const name = "Zoë 🧗🏽‍♀️ 李小龍 ﷺ";
    const email = `emoji-${randomUUID()}@example.com`;
    const answer = await ask(
      "mutation ($input: RegisterInput!) { register(input: $input) { user { name email } userErrors { code } } }",
      { input: { email, password: "пароль-🔑-very-long", name } },
    );
    expect(answer.json.data.register).toEqual({ user: { name, email }, userErrors: [] });
    const login = await ask(
      "mutation ($input: LoginInput!) { login(input: $input) { user { name } userErrors { code } } }",
      {
        input: { email, password: "пароль-🔑-very-long" },
      },
    );
    expect(login.json.data.login).toEqual({ user: { name }, userErrors: [] });
  });

  it.each([
    "🧗🏽‍♀️",
    "' or 1=1 --",
    "a & | ! :* b",
    "\\",
    "%",
    "\u0000",
    "x".repeat(200_000),
  ])("in a search is text and nothing else (%#)", async (search) => {
    const answer = await ask("query ($search: String) { products(search: $search, first: 1) { edges { cursor } } }", {
      search,
    });
    expect(code(answer) ?? "none").toMatch(/^(none|BAD_USER_INPUT)$/);
    expectNothingLeaked(answer);
  });

  it("of a megabyte in a registration is refused with a code and writes nothing", async () => {
    await expectNothingWritten(async () => {
      const answer = await ask(
        "mutation ($input: RegisterInput!) { register(input: $input) { user { id } userErrors { code } } }",
        {
          input: { email: "big@example.com", password: "x".repeat(900_000), name: "x" },
        },
      );
      expect(answer.json.data.register).toMatchObject({ user: null, userErrors: [{ code: "WEAK_PASSWORD" }] });
    });
  });
});

describe("money", () => {
  const UPSERT = `mutation ($input: ProductInput!) { upsertProduct(input: $input) { product { id } userErrors { code path } } }`;
  const product = (variant: object) => ({
    slug: `thing-${randomUUID()}`,
    title: "Thing",
    status: "ACTIVE",
    variants: [{ sku: `SKU-${randomUUID()}`.slice(0, 20), title: "One", price: "10.00", currency: "EUR", ...variant }],
  });

  it.each([
    ["too many decimals", { price: "10.001" }],
    ["a negative price", { price: "-1.00" }],
    ["another currency", { currency: "USD" }],
    ["a currency that is none", { currency: "€" }],
    ["an absurd amount", { price: "9".repeat(29) }],
  ])("with %s is refused with a code and writes nothing", async (_what, variant) => {
    await expectNothingWritten(async () => {
      const answer = await ask(UPSERT, { input: product(variant) }, admin);
      expect(answer.json.data.upsertProduct).toMatchObject({ product: null, userErrors: [{ code: "INVALID" }] });
    });
  });

  it("is refunded never with too many decimals or below zero", async () => {
    const ada = shop.client(customer);
    const id = await placeOrder(ada, { variantId: (await findVariant(ada)).id, token: "tok_approve" });
    const { payment } = await untilStatus(ada, id, "PAID");
    for (const amount of ["1.001", "-1.00", "0.00"]) {
      await expectNothingWritten(async () => {
        const answer = await ask(
          "mutation ($input: RefundInput!) { refundPayment(input: $input) { refund { id } userErrors { code path } } }",
          { input: { paymentId: payment?.id, amount, idempotencyKey: randomUUID() } },
          admin,
        );
        expect(answer.json.data.refundPayment).toMatchObject({ refund: null, userErrors: [{ code: "INVALID" }] });
      });
    }
  });
});

describe("access tokens", () => {
  const askMe = (token: string) => ask("{ me { id } }", {}, token);

  it("that are no tokens, forged, for others or expired are refused with 401", async () => {
    const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const kid = JSON.parse(Buffer.from(customer.split(".")[0] ?? "", "base64url").toString()).kid;
    const claims = JSON.parse(Buffer.from(customer.split(".")[1] ?? "", "base64url").toString());
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", kid }).sign(privateKey);
    const [header = "", payload = "", signature = ""] = customer.split(".");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    const publicJwk = await exportJWK(privateKey);
    const symmetric = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid })
      .sign(Buffer.from(publicJwk.x ?? ""));
    const promoted = `${header}.${Buffer.from(JSON.stringify({ ...claims, roles: ["ADMIN"] })).toString("base64url")}.${signature}`;
    for (const token of ["garbage", "a.b.c", forged, none, symmetric, promoted, `${customer}x`]) {
      const answer = await askMe(token);
      expect(answer.status).toBe(401);
      expect(code(answer)).toBe("UNAUTHENTICATED");
      expectNothingLeaked(answer);
    }
  });

  it("do not let a customer do what needs a scope", async () => {
    for (const operation of [
      "{ orders { totalCount } }",
      '{ user(id: "usr_00000000000000000000000000") { email } }',
      '{ payment(id: "pay_00000000000000000000000000") { id } }',
      'mutation { shipOrder(id: "ord_00000000000000000000000000", trackingNumber: "1") { order { id } } }',
      'mutation { setUserRoles(userId: "usr_00000000000000000000000000", roles: [ADMIN]) { user { id } } }',
      "{ products(first: 1) { edges { node { variants { availableQuantity } } } } }",
    ]) {
      expect(code(await ask(operation, {}, customer))).toBe("FORBIDDEN");
      expect(code(await ask(operation))).toBe("UNAUTHENTICATED");
    }
  });
});

describe("a subgraph", () => {
  const ports = { users: 1, products: 2, orders: 3, payments: 4 } as const;
  const subgraphUrl = (name: keyof typeof ports): string => {
    const url = new URL(shop.endpoint);
    url.port = String(Number(url.port) + ports[name]);
    return url.href;
  };

  it("answers nobody but the router, whatever headers a caller sends", async () => {
    const body = JSON.stringify({ query: "{ _entities(representations: []) { __typename } }" });
    const stranger = await createRequestSigner(await generateSigningKey());
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) {
      const signature = await stranger.sign({
        subgraph: name,
        body,
        caller: {
          viewer: { userId: "usr_1", sessionId: null, roles: ["ADMIN"], scopes: ["orders:read"] },
          correlationId: "1",
        },
      });
      const attempts: Record<string, string>[] = [
        {},
        { authorization: `Bearer ${admin}` },
        { "x-user-id": "usr_1", "x-roles": "ADMIN" },
        { "x-router-signature": signature },
      ];
      for (const headers of attempts) {
        const response = await fetch(subgraphUrl(name), {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body,
        });
        expect(response.status).toBe(401);
      }
    }
  });
});
