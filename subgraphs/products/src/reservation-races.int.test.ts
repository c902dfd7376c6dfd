import { orderEvents } from "@supergraph/contracts";
import { newId } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { all, aReplica, aReservation, type Replica, reservesOf, statesOf } from "./testing/batches.ts";
import { aCatalogue, aProduct, aVariant } from "./testing/catalogue.ts";
import { dataOf, type Shop, startShop } from "./testing/shop.ts";

const [first, second, third] = [aVariant(), aVariant(), aVariant()];
const besieged = aProduct({ variants: Array.from({ length: 5 }, () => aVariant({ onHand: 10_000 })) });

let shop: Shop;
let replica: Replica;
beforeAll(async () => {
  shop = await startShop(aCatalogue({ products: [aProduct({ variants: [first, second, third] }), besieged] }));
  replica = aReplica(shop.databaseUrl, shop.clock.now);
});
afterAll(async () => {
  await replica?.close();
  await shop?.stop();
});

const soon = () => new Date(shop.clock.now().getTime() + 15 * 60_000);

describe("batches at the same time", () => {
  it("of a reserve and a release of the same reservations leave nothing held, whichever is first", async () => {
    const a = first.id;
    await shop.sql`update stock set on_hand = 1000 where variant_id = ${a}`;
    for (let round = 0; round < 10; round += 1) {
      const reservations = Array.from({ length: 30 }, aReservation);
      await Promise.all([
        replica.decide(reservesOf(reservations, [a], soon())),
        replica.decide(all(reservations, "release").reverse()),
        replica.decide(all(reservations, "release")),
      ]);
      expect(await statesOf(shop, reservations)).toEqual({ RELEASED: 30 });
    }
    expect(await shop.stockOf(a)).toEqual({ onHand: 1000, reserved: 0 });
  });

  it("wait for who opens the same reservation, and then decide on what that one has made of it", async () => {
    const a = second.id;
    const one = aReservation();
    let release: Promise<void> | undefined;
    await replica.inTransaction(async (tx) => {
      await replica.decideReservations(tx, reservesOf([one], [a], soon()));
      release = replica.decide(all([aReservation(), one], "release"));
      await eventually(async () => {
        const waiting = await shop.sql`
          select from pg_stat_activity where application_name = 'replica' and wait_event_type = 'Lock'`;
        expect(waiting).toHaveLength(1);
      });
    });
    await release;
    expect(await statesOf(shop, [one])).toEqual({ RELEASED: 1 });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("of all kinds do not deadlock, with each other, the end of holds, adjustments or changes of the product", async () => {
    const variants = besieged.variants.map(({ id }) => id);
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed % n;
    };
    const shuffled = <T>(items: readonly T[]): T[] =>
      items
        .map((item) => [random(1_000_000), item] as const)
        .sort(([x], [y]) => x - y)
        .map(([, item]) => item);
    const reservations = Array.from({ length: 120 }, aReservation);
    const some = () => shuffled(reservations).slice(0, 40);
    const upsert = () =>
      mutate(`mutation ($input: ProductInput!) { answer: upsertProduct(input: $input) { userErrors { code path } } }`, {
        id: besieged.id,
        slug: besieged.slug,
        title: `Besieged ${random(99)}`,
        status: "ACTIVE",
        variants: shuffled(besieged.variants).map(({ id, sku }, i) => ({
          id,
          sku,
          title: "T",
          price: `${i + 1}.00`,
          currency: "EUR",
        })),
      });
    const adjust = (variantId: string) =>
      mutate(
        `mutation ($input: AdjustStockInput!) { answer: adjustStock(input: $input) { userErrors { code path } } }`,
        {
          variantId,
          delta: 5,
          reason: "count",
          idempotencyKey: newId("key"),
        },
      );
    let byShop: string[] = [];
    const byReplica = await replica.statementsOf(async () => {
      const batches = Promise.all([
        ...Array.from({ length: 12 }, () => replica.decide(reservesOf(some(), shuffled(variants).slice(0, 3), soon()))),
        ...Array.from({ length: 6 }, () => replica.decide(all(some(), "commit"))),
        ...Array.from({ length: 6 }, () => replica.decide(all(some(), "release"))),
        ...Array.from({ length: 6 }, () => replica.decide(all(some(), "restock"))),
        ...Array.from({ length: 4 }, () => replica.expire()),
      ]);
      byShop = await shop.statementsOf(() =>
        Promise.all([...Array.from({ length: 4 }, upsert), ...shuffled(variants).map(adjust)]),
      );
      await batches;
    });
    // A transaction that ended in a deadlock is run again.
    const runs = (statements: readonly string[], what: RegExp) => statements.filter((sql) => what.test(sql)).length;
    expect(runs(byReplica, /insert into reservations/)).toBe(30);
    expect(runs(byShop, /insert into "stock_adjustments"/)).toBe(5);
    expect(runs(byShop, /insert into "variants"/)).toBe(4);
    for (const variantId of variants) {
      const [sums] = await shop.sql`
        select coalesce(sum(quantity) filter (where state = 'HELD'), 0)::int as held,
          coalesce(sum(quantity) filter (where state = 'COMMITTED'), 0)::int as sold
        from reservation_lines join reservations on reservations.id = reservation_id where variant_id = ${variantId}`;
      expect(await shop.stockOf(variantId)).toEqual({ onHand: 10_005 - sums?.sold, reserved: sums?.held });
    }
  }, 60_000);

  it("through the bus are as many deliveries as they come in, and answered each", async () => {
    const a = third.id;
    await shop.sql`update stock set on_hand = 150 where variant_id = ${a}`;
    const sent = await Promise.all(
      Array.from({ length: 300 }, () =>
        shop.command(orderEvents.reserveStock, {
          ...aReservation(),
          lines: [{ variantId: a, quantity: 1 }],
          expiresAt: soon().toISOString(),
        }),
      ),
    );
    const answers = await Promise.all(sent.map(async (id) => (await shop.answerTo(id)).type));
    expect(answers.filter((type) => type === "products.stock.reserved")).toHaveLength(150);
    expect(answers.filter((type) => type === "products.stock.rejected")).toHaveLength(150);
    expect(await shop.stockOf(a)).toEqual({ onHand: 150, reserved: 150 });
  });
});

const mutate = async (mutation: string, input: object): Promise<void> => {
  const { answer } = await dataOf<{ answer: { userErrors: unknown[] } }>(shop.admin(mutation, { input }));
  expect(answer.userErrors).toEqual([]);
};
