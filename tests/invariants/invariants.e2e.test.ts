import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@supergraph/testing";
import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { findVariant, placeOrder, untilStatus } from "../e2e/checkout.ts";
import { type Shop, startShop } from "../e2e/shop.ts";
import { type AskAsCustomer, checkApi } from "./api.ts";
import { checkInvariants, takeBaseline } from "./check.ts";
import { type OpenedDatabases, openDatabases, type Queries, type Subgraph } from "./databases.ts";
import { openJournalReader } from "./journal.ts";
import { findMovement } from "./movement.ts";
import type { Baseline, Rule, ToldToClients, Violation } from "./rules.ts";

describe("the checker of what a quiet shop owes", () => {
  let shop: Shop;
  let databases: OpenedDatabases;
  let baseline: Baseline;
  let paid: string;
  let cancelled: string;
  let told: ToldToClients;
  let copiedJournal: string;

  beforeAll(async () => {
    shop = await startShop({ bus: "in-process" });
    databases = openDatabases(shop.supergraph.databaseUrls);
    copiedJournal = await mkdtemp(join(tmpdir(), "supergraph-journal-"));
    const journal = openJournalReader(shop.providerJournal);
    baseline = await takeBaseline(databases.queries);
    const ada = await shop.signIn("customer");
    const { id: variantId } = await findVariant(ada);
    paid = await placeOrder(ada, { variantId, token: "tok_approve" });
    await untilStatus(ada, paid, "PAID");
    cancelled = await placeOrder(ada, { variantId, token: "tok_decline_card_expired" });
    await untilStatus(ada, cancelled, "CANCELLED");
    await eventually(async () => {
      expect(await findMovement(databases.queries, journal)).toEqual([]);
    });
    told = {
      acknowledged: [
        { idempotencyKey: await keyOf(paid), orderId: paid },
        { idempotencyKey: await keyOf(cancelled), orderId: cancelled },
      ],
      refusedKeys: ["refused"],
      cancelledOrderIds: [cancelled],
    };
  });
  afterAll(async () => {
    await databases?.close();
    await shop?.stop();
    if (copiedJournal) await rm(copiedJournal, { recursive: true, force: true });
  });

  const keyOf = async (orderId: string): Promise<string> => {
    const rows = await databases.queries.orders("select key from idempotency_keys where order_id = $1", [orderId]);
    return z.tuple([z.object({ key: z.string() })]).parse(rows)[0].key;
  };

  const check = (queries: Queries, { journal = shop.providerJournal, sliceSize = 20_000 } = {}) =>
    checkInvariants({ databases: queries, journal: openJournalReader(journal) }, { baseline, told, sliceSize });

  const rulesBroken = async (queries: Queries, journal?: string): Promise<Rule[]> => {
    const { violations } = await check(queries, journal === undefined ? {} : { journal });
    return violations.map(({ rule }) => rule);
  };

  it("finds nothing in a shop that nobody tampered with", async () => {
    const findings = await check(databases.queries);
    expect(findings.violations).toEqual([]);
    expect(findings.lost).toBe(0);
    expect(Object.fromEntries(findings.byStatus)).toEqual({ PAID: 1, CANCELLED: 1 });
  });

  it("finds the same however few orders it looks at together", async () => {
    const change = `update orders set status = 'PAID', cancel_reason = null, subtotal_minor = 1, shipping_minor = 0, tax_minor = 0, total_minor = 1`;
    const [whole, sliced] = await databases.withChange("orders", change, async (queries) => [
      await check(queries),
      await check(queries, { sliceSize: 3 }),
    ]);
    const sorted = (violations: typeof whole.violations) => violations.map((each) => JSON.stringify(each)).sort();
    expect(whole.violations.length).toBeGreaterThan(100);
    expect(sorted(sliced.violations)).toEqual(sorted(whole.violations));
  });

  it.each<[change: string, Subgraph, Rule, (order: { paid: string; cancelled: string }) => string]>([
    [
      "more is reserved than there is",
      "products",
      "0 ≤ reserved ≤ on_hand",
      () => `alter table stock drop constraint stock_reserved; ${ofOneVariant("reserved = on_hand + 1")}`,
    ],
    [
      "goods are reserved for nobody",
      "products",
      "what is reserved is held by reservations",
      () => ofOneVariant("reserved = reserved + 1"),
    ],
    [
      "goods appear from nowhere",
      "products",
      "on_hand moves only by what was sold, restocked or adjusted",
      () => ofOneVariant("on_hand = on_hand + 1"),
    ],
    [
      "less was captured than the order costs",
      "orders",
      "a PAID order was captured exactly once, for its total",
      ({ paid }) =>
        `update orders set total_minor = total_minor + 1, subtotal_minor = subtotal_minor + 1 where id = '${paid}'`,
    ],
    [
      "a paid order's goods are still held",
      "products",
      "a PAID order's goods left the stock once",
      ({ paid }) => `update reservations set state = 'HELD', expires_at = now() where order_id = '${paid}'`,
    ],
    [
      "other goods were sold than were paid",
      "products",
      "a PAID order's goods left the stock once",
      ({ paid }) =>
        `update reservation_lines set quantity = quantity + 1 where reservation_id in (select id from reservations where order_id = '${paid}')`,
    ],
    [
      "a cancelled order's payment is authorised",
      "payments",
      "a CANCELLED order holds no money",
      ({ cancelled }) => `update payments set status = 'AUTHORIZED' where order_id = '${cancelled}'`,
    ],
    [
      "a cancelled order's goods are held",
      "products",
      "a CANCELLED order holds no stock",
      ({ cancelled }) => `update reservations set state = 'HELD', expires_at = now() where order_id = '${cancelled}'`,
    ],
    [
      "goods were sold for an order that is unknown",
      "products",
      "no goods and no money are held without an order that wants them",
      ({ paid }) => `update reservations set order_id = 'ord_unknown' where order_id = '${paid}'`,
    ],
    [
      "payments believes in a refund that the provider does not know",
      "payments",
      "the provider and payments agree",
      ({ paid }) => `update payments set refunded_minor = 1 where order_id = '${paid}'`,
    ],
    [
      "payments has lost a payment",
      "payments",
      "the provider and payments agree",
      ({ paid }) => `update payments set provider_payment_id = 'another' where order_id = '${paid}'`,
    ],
    [
      "one key has placed two orders",
      "orders",
      "one order per idempotency key",
      ({ paid, cancelled }) =>
        `alter table idempotency_keys drop constraint idempotency_keys_user_id_key_pk;
         update idempotency_keys set key = (select key from idempotency_keys where order_id = '${paid}') where order_id = '${cancelled}'`,
    ],
    [
      "a key is forgotten",
      "orders",
      "one order per idempotency key",
      ({ paid }) => `delete from idempotency_keys where order_id = '${paid}'`,
    ],
    [
      "an order is gone",
      "orders",
      "what was acknowledged to a client exists",
      ({ paid }) => `delete from orders where id = '${paid}'`,
    ],
    [
      "an order's saga ended otherwise than the order",
      "orders",
      "an order's status, timeline and saga agree",
      ({ paid }) => `update sagas set state = 'CANCELLED' where order_id = '${paid}'`,
    ],
    [
      "a status was entered twice",
      "orders",
      "an order's status, timeline and saga agree",
      ({ paid }) => `insert into order_events (order_id, version, status, at) values ('${paid}', 0, 'PAID', now())`,
    ],
    [
      "nobody looks after a saga",
      "orders",
      "no saga stays past its deadline",
      ({ paid }) =>
        `update sagas set state = 'CAPTURING', deadline_at = now() - interval '1 minute' where order_id = '${paid}'`,
    ],
    [
      "a message waits in an outbox",
      "payments",
      "every outbox row is published",
      () => "update outbox set published_at = null where position = (select max(position) from outbox)",
    ],
    [
      "a refused order was placed",
      "orders",
      "what was refused to a client was not done",
      ({ paid }) => `update idempotency_keys set key = 'refused' where order_id = '${paid}'`,
    ],
    [
      "an order goes on that its customer called off",
      "orders",
      "a cancellation that was accepted is carried out",
      ({ cancelled }) => `update orders set status = 'PAID', cancel_reason = null where id = '${cancelled}'`,
    ],
    [
      "a key placed another order than its client was told",
      "orders",
      "one order per idempotency key",
      ({ paid, cancelled }) => `update idempotency_keys set order_id = '${cancelled}' where order_id = '${paid}'`,
    ],
    [
      "an order costs more than its lines",
      "orders",
      "an order costs what its lines cost",
      ({ paid }) => `update order_lines set unit_price_minor = unit_price_minor + 1 where order_id = '${paid}'`,
    ],
    [
      "another amount was asked for than the order's",
      "payments",
      "a payment is about its order's total",
      ({ paid }) => `update payments set amount_minor = amount_minor + 1 where order_id = '${paid}'`,
    ],
    [
      "an order went back to where it had been",
      "orders",
      "an order's status, timeline and saga agree",
      ({ cancelled }) =>
        `insert into order_events (order_id, version, status, at) values ('${cancelled}', 1000, 'PENDING', now()), ('${cancelled}', 1001, 'CANCELLED', now())`,
    ],
    [
      "an order has no saga",
      "orders",
      "an order's status, timeline and saga agree",
      ({ paid }) => `delete from sagas where order_id = '${paid}'`,
    ],
    [
      "a refund is on the books that the provider did not make",
      "payments",
      "the provider and payments agree",
      ({ paid }) =>
        `insert into refunds (id, payment_id, status, amount_minor, currency, created_at)
         select 'ref_never', id, 'SUCCEEDED', 1, 'EUR', now() from payments where order_id = '${paid}'`,
    ],
    [
      "a change of a price never came to orders",
      "products",
      "orders knows the prices of the catalogue",
      () => "update variants set version = version + 1 where id = (select max(id) from variants)",
    ],
    [
      "a command was answered twice",
      "products",
      "no event's effect is applied twice",
      ({ paid }) =>
        `insert into outbox (message_id, subject, key, envelope, published_at)
         select 'again', subject, key, envelope, now() from outbox
         where key = '${paid}' and subject = 'products.stock.reserved.v1'`,
    ],
    [
      "an event was heard by nobody",
      "orders",
      "every event's effect is applied",
      () => "delete from inbox where consumer = 'payments.payment.captured.v1'",
    ],
  ])("tells when %s", async (_, subgraph, rule, change) => {
    const broken = await databases.withChange(subgraph, change({ paid, cancelled }), (queries) => rulesBroken(queries));
    expect(broken).toContain(rule);
  });

  it.each<[change: string, Rule, (line: string) => string]>([
    [
      "the provider took the money of one order twice",
      "a PAID order was captured exactly once, for its total",
      (line) => line.replaceAll('"pmt_', '"pmt_again_'),
    ],
    [
      "the provider holds money for an order that it was never told to forget",
      "no goods and no money are held without an order that wants them",
      (line) => line.replaceAll(paid, cancelled),
    ],
  ])("tells when %s", async (_, rule, copy) => {
    const text = await readFile(shop.providerJournal, "utf8");
    const [captured] = text.split("\n").filter((line) => line.includes(paid) && line.includes('"status":"captured"'));
    const journal = join(copiedJournal, "journal.jsonl");
    await writeFile(journal, `${text}${copy(captured ?? "")}\n`);
    expect(await rulesBroken(databases.queries, journal)).toContain(rule);
  });

  describe("of the API", () => {
    const askAsAda: AskAsCustomer = async (_customer, query, variables) => {
      const { data } = await (await shop.signIn("customer")).query({ query: parse(query), variables });
      return data;
    };
    const viaApi = async (queries: Queries): Promise<readonly Violation[]> => {
      const ada = await databases.queries.orders("select customer_id as id from orders where id = $1", [paid]);
      const customerIds = z.array(z.object({ id: z.string() })).parse(ada);
      const found = await checkApi(queries, askAsAda, { customerIds: customerIds.map(({ id }) => id), most: 1_000 });
      expect(found.orders).toBeGreaterThan(2);
      return found.violations;
    };

    it("finds nothing where customers are shown what is so", async () => {
      expect(await viaApi(databases.queries)).toEqual([]);
    });

    it.each<[change: string, Subgraph, (order: { paid: string; cancelled: string }) => string]>([
      [
        "a total",
        "orders",
        () => `update orders set total_minor = total_minor + 1, subtotal_minor = subtotal_minor + 1`,
      ],
      [
        "a status",
        "orders",
        ({ cancelled }) => `update orders set status = 'PAID', cancel_reason = null where id = '${cancelled}'`,
      ],
      ["a refund", "payments", ({ paid }) => `update payments set refunded_minor = 1 where order_id = '${paid}'`],
      [
        "a payment",
        "payments",
        ({ paid }) => `update payments set order_id = 'ord_another' where order_id = '${paid}'`,
      ],
    ])("tells when customers are shown another %s", async (_, subgraph, change) => {
      const found = await databases.withChange(subgraph, change({ paid, cancelled }), viaApi);
      expect(found.map(({ rule }) => rule)).toContain("what the API answers is what the databases hold");
    });
  });

  it("sees what is still under way, so that nobody takes it for lost", async () => {
    const moving = await databases.withChange(
      "payments",
      "update operations set done_at = null where payment_id in (select id from payments order by created_at desc limit 1)",
      (queries) => findMovement(queries, openJournalReader(shop.providerJournal)),
    );
    expect(moving).toEqual([expect.stringMatching(/^operation .* is open$/)]);
  });
});

const ofOneVariant = (change: string): string =>
  `update stock set ${change} where variant_id = (select max(variant_id) from stock)`;
