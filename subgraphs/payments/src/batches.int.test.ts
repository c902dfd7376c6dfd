import { money } from "@supergraph/contracts";
import { createTransactions, openDatabase } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { createTestDatabase, type TestDatabase } from "@supergraph/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthorizePayment, authorizePayments } from "./commands/authorize-payments.ts";
import { capturePayments, refundOrders, voidPayments } from "./commands/change-payments.ts";
import type { Commanded } from "./commands/commanded.ts";
import { type Found, recordFindings } from "./commands/record-findings.ts";
import { takeWebhooks } from "./commands/take-webhooks.ts";
import type { Tx } from "./db/connection.ts";
import { claimOperations } from "./db/operations.ts";
import { eraseUnsentTokens } from "./db/payments.ts";
import * as schema from "./db/schema.ts";
import type { ProviderPayment } from "./domain/provider-payment.ts";
import { migratePayments } from "./server.ts";

const now = new Date("2026-03-01T12:00:00.000Z");
const customerId = newId("usr");

let test: TestDatabase;
let statements: string[] = [];
const open = (url: string) =>
  openDatabase({ url, schema, applicationName: "batches", max: 10, onQuery: (sql) => statements.push(sql) });
let database: ReturnType<typeof open>;
let inTransaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
beforeAll(async () => {
  test = await createTestDatabase({ migrate: migratePayments });
  database = open(test.url);
  inTransaction = createTransactions(database).inTransaction;
});
afterAll(async () => {
  await database?.close();
  await test?.drop();
});

const commanded = (orderId: string): Commanded => ({
  orderId,
  cause: { correlationId: "cor_test", causationId: newId("evt") },
});

const authorizes = (orderIds: readonly string[], changes: Partial<AuthorizePayment> = {}): AuthorizePayment[] =>
  orderIds.map((orderId) => ({
    ...commanded(orderId),
    customerId,
    amount: money(1999n),
    paymentMethodToken: "tok_approve",
    ...changes,
  }));

const someOrders = (count: number): string[] => Array.from({ length: count }, () => newId("ord"));

const atProvider = (reference: string, status: ProviderPayment["status"] = "authorized"): ProviderPayment => ({
  id: `pmt_${reference}`,
  reference,
  status,
  declineCode: null,
  nextActionUrl: null,
  authorizedMinor: 1999n,
  capturedMinor: status === "captured" ? 1999n : 0n,
  refundReferences: [],
});

/** What a worker would find out that claimed the open operations of these orders, all of them successful. */
const findAll = async (orderIds: readonly string[], status: ProviderPayment["status"]): Promise<Found[]> => {
  const later = new Date(now.getTime() + 3_600_000);
  const claimed = await claimOperations(database.db, { limit: 10_000, now: later, leaseMs: 1 });
  const rows = await database.sql<{ id: string; orderId: string }[]>`select id, order_id as "orderId" from payments`;
  const orders = new Map(rows.map(({ id, orderId }) => [id, orderId]));
  return claimed.flatMap((operation): Found[] => {
    const orderId = orders.get(operation.paymentId) ?? "";
    return orderIds.includes(orderId)
      ? [{ operation, finding: { kind: "seen", payment: atProvider(orderId, status), refusal: null } }]
      : [];
  });
};

/** Of each of these orders: what was told, in order, and the payment's status. */
const outcomeOf = async (orderIds: readonly string[]) =>
  Promise.all(
    orderIds.map(async (orderId) => {
      const told = await database.sql<{ type: string }[]>`
        select envelope->>'type' as type from outbox where key = ${orderId} order by position`;
      const [payment] = await database.sql<{ status: string; open: number }[]>`
        select status, (select count(*)::int from operations where payment_id = payments.id and done_at is null) as open
        from payments where order_id = ${orderId}`;
      return { told: told.map(({ type }) => type.split(".")[2]), status: payment?.status, open: payment?.open };
    }),
  );

const statementsOf = async (work: () => Promise<unknown>): Promise<number> => {
  statements = [];
  await work();
  return statements.length;
};

describe("a batch", () => {
  it("costs as many statements as a single command", async () => {
    const costs = async (orderIds: readonly string[]) => {
      const webhooks = orderIds.map((orderId) => ({ eventId: newId("evt"), payment: atProvider(orderId, "captured") }));
      const counts: number[] = [];
      const run = async (work: (tx: Tx) => Promise<unknown>) => {
        counts.push(await statementsOf(() => inTransaction(work)));
      };
      await run((tx) => authorizePayments(tx, authorizes(orderIds), now));
      const authorized = await findAll(orderIds, "authorized");
      await run((tx) => recordFindings(tx, authorized, now));
      await run((tx) => capturePayments(tx, orderIds.map(commanded), now));
      await run((tx) => takeWebhooks(tx, webhooks, now));
      const captured = await findAll(orderIds, "captured");
      await run((tx) => recordFindings(tx, captured, now));
      await run((tx) => refundOrders(tx, orderIds.map(commanded), now));
      await run((tx) => voidPayments(tx, someOrders(orderIds.length).map(commanded), now));
      return counts;
    };
    const ofOne = await costs(someOrders(1));
    expect(Math.max(...ofOne)).toBeLessThanOrEqual(7);
    expect(await costs(someOrders(100))).toEqual(ofOne);
  });

  it("refuses what cannot be carried out, and carries out its neighbours", async () => {
    const [good, free, malformed, voided] = someOrders(4) as [string, string, string, string];
    await inTransaction((tx) => voidPayments(tx, [commanded(voided)], now));
    const commands = [
      ...authorizes([free], { amount: money(0n) }),
      ...authorizes([malformed], { paymentMethodToken: "tok_\u0000" }),
      ...authorizes([voided, good]),
    ];
    await inTransaction((tx) => authorizePayments(tx, commands, now));
    expect(await outcomeOf([good, free, malformed, voided])).toEqual([
      { told: [], status: "PENDING", open: 1 },
      { told: ["failed"], status: undefined, open: undefined },
      { told: ["failed"], status: undefined, open: undefined },
      { told: ["voided", "failed"], status: undefined, open: undefined },
    ]);
  });

  it("may say the same of one order twice, and opens one payment and one operation", async () => {
    const [orderId] = someOrders(1) as [string];
    const commands = [...authorizes([orderId], { amount: money(-1n) }), ...authorizes([orderId, orderId, orderId])];
    await inTransaction((tx) => authorizePayments(tx, commands, now));
    expect(await outcomeOf([orderId])).toEqual([{ told: [], status: "PENDING", open: 1 }]);
    await inTransaction((tx) => voidPayments(tx, [orderId, orderId].map(commanded), now));
    expect(await outcomeOf([orderId])).toEqual([{ told: ["voided", "voided"], status: "VOIDED", open: 1 }]);
  });

  it("takes one of the repeats of a webhook, and the payment of somebody else not at all", async () => {
    const [orderId] = someOrders(1) as [string];
    await inTransaction((tx) => authorizePayments(tx, authorizes([orderId]), now));
    const webhook = { eventId: newId("evt"), payment: atProvider(orderId) };
    const foreign = { eventId: newId("evt"), payment: { ...atProvider(orderId), id: "pmt_other" } };
    const unknown = { eventId: newId("evt"), payment: atProvider(newId("ord")) };
    const taken = await inTransaction((tx) => takeWebhooks(tx, [unknown, webhook, webhook, foreign], now));
    expect(taken.map(({ kind }) => kind)).toEqual(["unknownPayment", "taken", "duplicate", "unknownPayment"]);
    expect(await inTransaction((tx) => takeWebhooks(tx, [webhook, foreign], now))).toEqual([
      { kind: "duplicate" },
      { kind: "unknownPayment" },
    ]);
    expect((await outcomeOf([orderId]))[0]?.told).toEqual(["authorized"]);
  });

  it("comes to what its commands come to in transactions of their own", async () => {
    type Step = { readonly order: number; readonly kind: keyof typeof run };
    const run = {
      authorize: (tx: Tx, orderIds: readonly string[]) => authorizePayments(tx, authorizes(orderIds), now),
      capture: (tx: Tx, orderIds: readonly string[]) => capturePayments(tx, orderIds.map(commanded), now),
      void: (tx: Tx, orderIds: readonly string[]) => voidPayments(tx, orderIds.map(commanded), now),
      refund: (tx: Tx, orderIds: readonly string[]) => refundOrders(tx, orderIds.map(commanded), now),
      answers: async (tx: Tx, orderIds: readonly string[]) => {
        // A worker's record is of different operations, however often an order is named here.
        const payments = await database.sql<{ orderId: string; captures: boolean }[]>`
          select order_id as "orderId", status = 'AUTHORIZED' and not void_requested as captures
          from payments where order_id in ${database.sql([...orderIds])} order by order_id`;
        const found: Found[] = [];
        for (const { orderId, captures } of payments)
          found.push(...(await findAll([orderId], captures ? "captured" : "authorized")));
        await recordFindings(tx, found, now);
      },
    };
    const step: fc.Arbitrary<Step> = fc.record({
      order: fc.nat(3),
      kind: fc.constantFrom("authorize", "authorize", "capture", "void", "refund", "answers"),
    });
    // A consumer's batch is of one kind.
    const inBatches = (steps: readonly Step[]): Step[][] => {
      const batches: Step[][] = [];
      for (const next of steps) {
        const last = batches.at(-1);
        if (last?.[0]?.kind === next.kind && next.kind !== "answers") last.push(next);
        else batches.push([next]);
      }
      return batches;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const outcome = async (batches: readonly (readonly Step[])[]) => {
          const orderIds = someOrders(4);
          for (const batch of batches) {
            const [first] = batch;
            const ofBatch = batch.map(({ order }) => orderIds[order] ?? "");
            if (first) await inTransaction((tx) => run[first.kind](tx, ofBatch));
          }
          return outcomeOf(orderIds);
        };
        expect(await outcome(inBatches(steps))).toEqual(await outcome(steps.map((one) => [one])));
      }),
      { numRuns: 20 },
    );
  }, 120_000);
});

describe("batches at the same time", () => {
  it("of authorise and void of the same orders leave nothing asked for, whichever is first", async () => {
    for (let round = 0; round < 8; round += 1) {
      const orderIds = someOrders(20);
      await Promise.all([
        inTransaction((tx) => authorizePayments(tx, authorizes(orderIds), now)),
        inTransaction((tx) => voidPayments(tx, orderIds.toReversed().map(commanded), now)),
        inTransaction((tx) => authorizePayments(tx, authorizes(orderIds.toReversed()), now)),
      ]);
      for (const { status } of await outcomeOf(orderIds)) expect([undefined, "VOIDED"]).toContain(status);
    }
  });

  it("of all kinds do not deadlock, with each other, webhooks, answers, claims or the erasure of tokens", async () => {
    const orderIds = someOrders(60);
    await inTransaction((tx) => authorizePayments(tx, authorizes(orderIds), now));
    const found = await findAll(orderIds, "authorized");
    const some = (n: number) =>
      orderIds.toSorted((a, b) => (a.at(-1 - (n % 5)) ?? "").localeCompare(b.at(-1 - (n % 5)) ?? ""));
    let runs = 0;
    const begin = <T>(work: (tx: Tx) => Promise<T>) =>
      inTransaction((tx) => {
        runs += 1;
        return work(tx);
      });
    const webhooks = (n: number) => some(n).map((orderId) => ({ eventId: newId("evt"), payment: atProvider(orderId) }));
    await Promise.all(
      Array.from({ length: 4 }, (_, n) => [
        begin((tx) => authorizePayments(tx, authorizes(some(n)), now)),
        begin((tx) => capturePayments(tx, some(n + 1).map(commanded), now)),
        begin((tx) => voidPayments(tx, some(n + 2).map(commanded), now)),
        begin((tx) => refundOrders(tx, some(n + 3).map(commanded), now)),
        begin((tx) => takeWebhooks(tx, webhooks(n + 4), now)),
        begin((tx) => recordFindings(tx, found.toReversed(), now)),
        begin((tx) => eraseUnsentTokens(tx, customerId)),
        claimOperations(database.db, { limit: 30, now, leaseMs: 1 }),
      ]).flat(),
    );
    // A transaction that ended in a deadlock is run again.
    expect(runs).toBe(28);
  });
});
