import { newId } from "@supergraph/service";
import { eventually, testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isSeeded, type SeedPayment, seedPayments } from "./seed.ts";
import { type PaymentsHarness, startPayments } from "./testing/payments-harness.ts";

const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  __typename
  ... on Order { id payment { id status amount { amount minorUnits currency } } refunds { id status amount { amount } createdAt } }
  ... on Payment { id status nextActionUrl order { id } createdAt capturedAmount { amount } }
} }`;

interface Entities {
  _entities: (Record<string, unknown> | null)[];
}

describe("payments in the graph", () => {
  const customer = testViewer();
  const support = testViewer({ roles: ["SUPPORT"] });
  const seeds: SeedPayment[] = Array.from({ length: 50 }, (_, index) => aSeed(customer.userId, index));
  const [seed = aSeed(customer.userId, 0)] = seeds;
  let payments: PaymentsHarness;
  let databaseUrl: string;

  beforeAll(async () => {
    payments = await startPayments();
    ({ databaseUrl } = payments);
    expect(await isSeeded(databaseUrl)).toBe(false);
    await seedPayments(databaseUrl, seeds);
  });
  afterAll(() => payments?.stop());

  const entities = async (viewer: Parameters<PaymentsHarness["client"]>[0], representations: object[]) => {
    const { data, errors } = await payments.client(viewer)<Entities>(ENTITIES, { representations });
    expect(errors).toBeUndefined();
    return data?._entities;
  };

  const order = (id: string) => ({ __typename: "Order", id });
  const payment = (id: string) => ({ __typename: "Payment", id });

  it("seeds what is missing, however often", async () => {
    await seedPayments(databaseUrl, seeds);
    expect(await isSeeded(databaseUrl)).toBe(true);
    expect(await payments.sql`select from payments`).toHaveLength(50);
    expect(await payments.sql`select from refunds`).toHaveLength(50);
  });

  it("shows an order's payment and refunds to its customer and to support", async () => {
    for (const viewer of [customer, support])
      expect(await entities(viewer, [order(seed.orderId)])).toEqual([
        {
          __typename: "Order",
          id: seed.orderId,
          payment: {
            id: seed.id,
            status: "PARTIALLY_REFUNDED",
            amount: { amount: "19.99", minorUnits: "1999", currency: "EUR" },
          },
          refunds: [
            {
              id: seed.refunds[0]?.id,
              status: "SUCCEEDED",
              amount: { amount: "1.00" },
              createdAt: "2026-01-02T12:00:00.000Z",
            },
          ],
        },
      ]);
  });

  it.each([
    ["another customer", testViewer()],
    ["a guest", null],
  ])("shows %s no payment and no refunds, by any way", async (_, viewer) => {
    expect(await entities(viewer, [order(seed.orderId), payment(seed.id)])).toEqual([
      { __typename: "Order", id: seed.orderId, payment: null, refunds: [] },
      null,
    ]);
  });

  it.each([
    {},
    { id: null },
    { id: 1 },
    { id: {} },
    { id: ["x"] },
  ])("answers null to a reference with %j", async (keys) => {
    const references = ["Order", "Payment"].map((__typename) => ({ __typename, ...keys }));
    expect(await entities(customer, references)).toEqual([null, null]);
  });

  it("answers a payment's reference to its customer, and null for what does not exist", async () => {
    const answer = await entities(customer, [payment(seed.id), payment(newId("pay")), payment("pay_\u0000")]);
    expect(answer).toEqual([
      {
        __typename: "Payment",
        id: seed.id,
        status: "PARTIALLY_REFUNDED",
        nextActionUrl: null,
        order: { id: seed.orderId },
        createdAt: "2026-01-01T12:00:00.000Z",
        capturedAmount: { amount: "19.99" },
      },
      null,
      null,
    ]);
  });

  it.each([newId("ord"), "ord_1", "\u0000", "x".repeat(1_000_000)])("knows nothing of order %#", async (id) => {
    expect(await entities(customer, [order(id)])).toEqual([{ __typename: "Order", id, payment: null, refunds: [] }]);
  });

  it("costs the same number of statements for 50 orders as for one", async () => {
    const count = async (orders: readonly SeedPayment[]): Promise<number> => {
      payments.queries.length = 0;
      const answer = await entities(
        customer,
        orders.map(({ orderId }) => order(orderId)),
      );
      expect(answer?.every((entity) => entity?.payment !== null)).toBe(true);
      // The worker polls meanwhile.
      return payments.queries.filter((query) => !query.includes('"operations"')).length;
    };
    expect(await count(seeds.slice(0, 1))).toBe(2);
    expect(await count(seeds)).toBe(2);
  });

  it.each([
    ["support", support, undefined],
    ["the customer", customer, "FORBIDDEN"],
    ["a guest", null, "UNAUTHENTICATED"],
  ])("answers payment(id) to %s", async (_, viewer, code) => {
    const { data, errors } = await payments.client(viewer)<{ payment: { id: string } | null }>(
      "query ($id: ID!) { payment(id: $id) { id } }",
      { id: seed.id },
    );
    expect(errors?.[0]?.extensions?.code).toBe(code);
    expect(data?.payment ?? null).toEqual(code ? null : { id: seed.id });
  });

  it("shows where to confirm only while the customer has to", async () => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_action_required", { customerId: customer.userId });
    await eventually(() => expect(payments.told(orderId)).toEqual(["action_required"]));
    const ask = async () => {
      const { data } = await payments.client(customer)<{
        _entities: { payment: { nextActionUrl: string | null; status: string } }[];
      }>(
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Order { payment { nextActionUrl status } } } }",
        { r: [order(orderId)] },
      );
      return data?._entities[0]?.payment;
    };
    const waiting = await ask();
    expect(waiting).toMatchObject({ status: "ACTION_REQUIRED", nextActionUrl: expect.stringMatching(/^http/) });
    await fetch(`${waiting?.nextActionUrl}/confirm`, { method: "POST", headers: { accept: "application/json" } });
    await eventually(async () => expect(await ask()).toEqual({ status: "AUTHORIZED", nextActionUrl: null }));
  });
});

const aSeed = (customerId: string, index: number): SeedPayment => ({
  id: newId("pay"),
  orderId: newId("ord"),
  customerId,
  providerPaymentId: `pmt_seed_${index}`,
  status: "PARTIALLY_REFUNDED",
  amountMinor: 1999n,
  authorizedMinor: 1999n,
  capturedMinor: 1999n,
  refundedMinor: 100n,
  declineCode: null,
  createdAt: new Date("2026-01-01T12:00:00Z"),
  refunds: [{ id: newId("ref"), amountMinor: 100n, status: "SUCCEEDED", createdAt: new Date("2026-01-02T12:00:00Z") }],
});
