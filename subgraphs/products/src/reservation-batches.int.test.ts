import { newId } from "@supergraph/service";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReceivedCommand } from "./commands/decide-reservations.ts";
import type { StockCommand } from "./domain/reservation-batch.ts";
import {
  all,
  aReplica,
  aReservation,
  type Ids,
  type Replica,
  received,
  reservesOf,
  statesOf,
  toReserve,
} from "./testing/batches.ts";
import { aCatalogue, aProduct, aVariant } from "./testing/catalogue.ts";
import { type Shop, startShop } from "./testing/shop.ts";

const goods = Array.from({ length: 16 }, () => aVariant({ onHand: 10 }));
const takeGoods = (): string => {
  const variant = goods.pop();
  if (!variant) throw new Error("The shop of this test has no more goods: give it more.");
  return variant.id;
};

let shop: Shop;
let replica: Replica;
beforeAll(async () => {
  shop = await startShop(aCatalogue({ products: [aProduct({ variants: [...goods] })] }));
  replica = aReplica(shop.databaseUrl, shop.clock.now);
});
afterAll(async () => {
  await replica?.close();
  await shop?.stop();
});

const soon = () => new Date(shop.clock.now().getTime() + 15 * 60_000);

const reserves = (reservations: readonly Ids[], variantIds: readonly string[]) =>
  reservesOf(reservations, variantIds, soon());

/** Answers in the order in which they were appended. */
const answersTo = async (commands: readonly ReceivedCommand[]): Promise<string[]> => {
  const rows = await shop.sql<{ cause: string; type: string }[]>`
    select envelope->>'causationId' as cause, envelope->>'type' as type from outbox order by position`;
  const causes = new Set(commands.map(({ cause }) => cause.causationId));
  return rows.filter(({ cause }) => causes.has(cause)).map(({ type }) => type.split(".")[2] ?? "");
};

describe("a batch", () => {
  it("of 100 who fight for 10 pieces holds exactly 10, for those that came first", async () => {
    const a = takeGoods();
    const commands = reserves(Array.from({ length: 100 }, aReservation), [a]);
    await replica.decide(commands);
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 10 });
    const answers = await answersTo(commands);
    expect(answers).toEqual([...Array(10).fill("reserved"), ...Array(90).fill("rejected")]);
    expect(await statesOf(shop, commands.slice(0, 10))).toEqual({ HELD: 10 });
  });

  it("costs as many statements as a single command", async () => {
    const variants = Array.from({ length: 6 }, takeGoods);
    await shop.sql`update stock set on_hand = 1000 where variant_id in ${shop.sql(variants)}`;
    const costs = async (reservations: readonly Ids[]) => {
      const steps = [
        reserves(reservations, variants),
        reserves(reservations, variants),
        all(reservations, "commit"),
        all(reservations, "restock"),
        all(reservations.map(aReservation), "release"),
      ];
      const counts: number[] = [];
      for (const commands of steps) counts.push((await replica.statementsOf(() => replica.decide(commands))).length);
      return counts;
    };
    const ofOne = await costs([aReservation()]);
    expect(ofOne).toEqual([5, 3, 7, 7, 2]);
    expect(await costs(Array.from({ length: 100 }, aReservation))).toEqual(ofOne);
  });

  it("may say the same twice in messages of their own, and moves the stock once", async () => {
    const a = takeGoods();
    const one = aReservation();
    const commands = [...reserves([one, one, one], [a]), ...all([one, one], "commit"), ...reserves([one], [a])];
    await replica.decide(commands);
    expect(await answersTo(commands)).toEqual([
      "reserved",
      "reserved",
      "reserved",
      "committed",
      "committed",
      "reserved",
    ]);
    expect(await shop.stockOf(a)).toEqual({ onHand: 9, reserved: 0 });
  });

  it("keeps neighbours of a reservation that is rejected, late or released already apart", async () => {
    const [a, b] = [takeGoods(), takeGoods()];
    const [released, short, late, unknown, good] = Array.from({ length: 5 }, aReservation) as [Ids, Ids, Ids, Ids, Ids];
    await replica.decide(all([released], "release"));
    const commands = [
      ...reserves([released], [a]),
      toReserve(short, [{ variantId: a, quantity: 11 }], soon()),
      toReserve(late, [{ variantId: a, quantity: 1 }], shop.clock.now()),
      toReserve(unknown, [{ variantId: newId("var"), quantity: 1 }], soon()),
      ...reserves([good], [a, b]),
    ];
    await replica.decide(commands);
    expect(await answersTo(commands)).toEqual(["rejected", "rejected", "expired", "rejected", "reserved"]);
    expect(await statesOf(shop, [released, short, late, unknown, good])).toEqual({
      RELEASED: 1,
      REJECTED: 2,
      EXPIRED: 1,
      HELD: 1,
    });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 1 });
  });

  it("takes effect whole or not at all", async () => {
    const a = takeGoods();
    const reservations = [aReservation(), aReservation()];
    await expect(
      replica.inTransaction(async (tx) => {
        await replica.decideReservations(tx, reserves(reservations, [a]));
        throw new Error("the process ends here");
      }),
    ).rejects.toThrow("the process ends here");
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
    expect(await statesOf(shop, reservations)).toEqual({});
  });

  it("comes to what its commands come to in transactions of their own", async () => {
    const variants = [takeGoods(), takeGoods(), takeGoods(), takeGoods()] as const;
    const aCommand: fc.Arbitrary<{ reservation: number; command: StockCommand["kind"]; lines: [number, number][] }> =
      fc.record({
        reservation: fc.nat(3),
        command: fc.constantFrom("reserve", "reserve", "commit", "release", "restock"),
        lines: fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 3 }),
      });
    await fc.assert(
      fc.asyncProperty(fc.array(aCommand, { minLength: 1, maxLength: 14 }), fc.nat(14), async (commands, cut) => {
        await shop.sql`update stock set on_hand = 10, reserved = 0 where variant_id in ${shop.sql([...variants])}`;
        const run = async ([x, y]: readonly [string, string], batches: (typeof commands)[]) => {
          const reservations = Array.from({ length: 4 }, aReservation);
          const sent: ReceivedCommand[] = [];
          for (const batch of batches) {
            const toDo = batch.map(({ reservation, command: kind, lines }) => {
              const ids = reservations[reservation] ?? aReservation();
              const command: StockCommand =
                kind === "reserve"
                  ? {
                      kind,
                      lines: lines.map(([i, quantity]) => ({ variantId: i === 0 ? x : y, quantity })),
                      expiresAt: soon(),
                    }
                  : { kind };
              return received(ids, command);
            });
            sent.push(...toDo);
            await replica.decide(toDo);
          }
          const states = await Promise.all(reservations.map((ids) => statesOf(shop, [ids])));
          return { answers: await answersTo(sent), states, stock: [await shop.stockOf(x), await shop.stockOf(y)] };
        };
        const alone = await run(
          [variants[0], variants[1]],
          commands.map((command) => [command]),
        );
        const inBatches = [commands.slice(0, cut), commands.slice(cut)].filter((batch) => batch.length > 0);
        expect(await run([variants[2], variants[3]], inBatches)).toEqual(alone);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
