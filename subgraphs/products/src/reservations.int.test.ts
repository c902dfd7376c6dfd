import { orderEvents } from "@supergraph/contracts";
import { createTransactions, openDatabase } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeExpireReservations } from "./commands/expire-reservations.ts";
import * as schema from "./db/schema.ts";
import { aCatalogue, aProduct, aVariant } from "./testing/catalogue.ts";
import { NOON, type Shop, startShop } from "./testing/shop.ts";

const { reserveStock, commitStock, releaseStock, restockStock } = orderEvents;

const QUARTER_OF_AN_HOUR_MS = 15 * 60_000;

/** Each test has goods of its own. */
const goods = Array.from({ length: 40 }, () => aVariant({ onHand: 10 }));
const takeGoods = (): string => {
  const variant = goods.pop();
  if (!variant) throw new Error("The shop of this test has no more goods: give it more.");
  return variant.id;
};

let shop: Shop;
beforeAll(async () => {
  shop = await startShop(aCatalogue({ products: [aProduct({ variants: [...goods] })] }));
});
afterAll(() => shop.stop());

const aReservation = () => ({ reservationId: newId("rsv"), orderId: newId("ord") });

const inAQuarterOfAnHour = (): string => new Date(shop.clock.now().getTime() + QUARTER_OF_AN_HOUR_MS).toISOString();

type Lines = readonly (readonly [variantId: string, quantity: number])[];

const reserve = (reservation: ReturnType<typeof aReservation>, lines: Lines, expiresAt = inAQuarterOfAnHour()) =>
  shop.command(reserveStock, {
    ...reservation,
    lines: lines.map(([variantId, quantity]) => ({ variantId, quantity })),
    expiresAt,
  });

/** What is answered to a command, in short. */
const answer = async (sent: Promise<string>): Promise<string> =>
  (await shop.answerTo(await sent)).type.split(".")[2] ?? "";

describe("reserving", () => {
  it("holds all lines, and tells so with the request that caused it", async () => {
    const [a, b] = [takeGoods(), takeGoods()];
    const reservation = aReservation();
    const sent = await reserve(reservation, [
      [a, 2],
      [b, 10],
    ]);
    expect(await shop.answerTo(sent)).toMatchObject({
      type: "products.stock.reserved",
      causationId: sent,
      correlationId: `request-of-${sent}`,
      data: { ...reservation, expiresAt: inAQuarterOfAnHour() },
    });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 2 });
    expect(await shop.stockOf(b)).toEqual({ onHand: 10, reserved: 10 });
  });

  it("holds nothing when one line is short, and tells what is left", async () => {
    const [a, b] = [takeGoods(), takeGoods()];
    const reservation = aReservation();
    const sent = await reserve(reservation, [
      [a, 2],
      [b, 11],
    ]);
    expect(await shop.answerTo(sent)).toMatchObject({
      type: "products.stock.rejected",
      data: { ...reservation, reason: "OUT_OF_STOCK", shortages: [{ variantId: b, requested: 11, available: 10 }] },
    });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it.each([
    ["is unknown", newId("var")],
    ["has an id of another type", newId("prd")],
    ["has no id at all", ""],
  ])("is rejected for a variant that %s", async (_, unknown) => {
    const a = takeGoods();
    const sent = await reserve(aReservation(), [
      [a, 1],
      [unknown, 1],
    ]);
    expect(await shop.answerTo(sent)).toMatchObject({
      type: "products.stock.rejected",
      data: { reason: "UNKNOWN_VARIANT", shortages: [{ variantId: unknown, requested: 1, available: 0 }] },
    });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("counts lines of one variant together, also when they are more than the database can count", async () => {
    const a = takeGoods();
    expect(
      await answer(
        reserve(aReservation(), [
          [a, 6],
          [a, 6],
        ]),
      ),
    ).toBe("rejected");
    expect(
      await answer(
        reserve(aReservation(), [
          [a, 2_147_483_647],
          [a, 2_147_483_647],
        ]),
      ),
    ).toBe("rejected");
    expect(
      await answer(
        reserve(aReservation(), [
          [a, 6],
          [a, 4],
        ]),
      ),
    ).toBe("reserved");
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 10 });
  });

  it("never sells more than there is: of 40 at once for one piece each, 10 get one", async () => {
    const a = takeGoods();
    const sent = await Promise.all(Array.from({ length: 40 }, () => reserve(aReservation(), [[a, 1]])));
    const answers = await Promise.all(sent.map((id) => answer(Promise.resolve(id))));
    expect(answers.filter((type) => type === "reserved")).toHaveLength(10);
    expect(answers.filter((type) => type === "rejected")).toHaveLength(30);
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 10 });
  });

  it("does not deadlock where many want the same goods in opposite order", async () => {
    const [a, b, c] = [takeGoods(), takeGoods(), takeGoods()];
    const orders: Lines[] = [
      [
        [a, 1],
        [b, 1],
        [c, 1],
      ],
      [
        [c, 1],
        [b, 1],
        [a, 1],
      ],
      [
        [b, 1],
        [a, 1],
      ],
    ];
    const sent = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const reservation = aReservation();
        await reserve(reservation, orders[i % orders.length] ?? []);
        return answer(shop.command(i % 2 === 0 ? commitStock : releaseStock, reservation));
      }),
    );
    expect(sent).toHaveLength(30);
    for (const id of [a, b, c]) {
      const { onHand, reserved } = await shop.stockOf(id);
      expect(reserved).toBe(0);
      expect(onHand).toBeGreaterThanOrEqual(0);
    }
    const [{ committed } = { committed: null }] = await shop.sql<{ committed: number }[]>`
      select coalesce(sum(quantity), 0)::int as committed from reservation_lines l
      join reservations r on r.id = l.reservation_id where r.state = 'COMMITTED' and l.variant_id = ${a}`;
    expect(await shop.stockOf(a)).toEqual({ onHand: 10 - Number(committed), reserved: 0 });
  });
});

describe("a reservation's end", () => {
  it("by commit takes the goods out of the stock", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    await reserve(reservation, [[a, 3]]);
    expect(await answer(shop.command(commitStock, reservation))).toBe("committed");
    expect(await shop.stockOf(a)).toEqual({ onHand: 7, reserved: 0 });
  });

  it("by release gives them back", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    await reserve(reservation, [[a, 3]]);
    const sent = await shop.command(releaseStock, reservation);
    expect(await shop.answerTo(sent)).toMatchObject({
      type: "products.stock.released",
      data: { ...reservation, restocked: false },
    });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("by restock, after its commit, puts them back on the shelf", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    await reserve(reservation, [[a, 3]]);
    await shop.command(commitStock, reservation);
    const sent = await shop.command(restockStock, reservation);
    expect(await shop.answerTo(sent)).toMatchObject({
      type: "products.stock.released",
      data: { ...reservation, restocked: true },
    });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("by time gives them back, tells so once, and answers a late commit with it", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    const sent = await reserve(reservation, [[a, 3]], new Date(shop.clock.now().getTime() + 1_000).toISOString());
    expect((await shop.answerTo(sent)).type).toBe("products.stock.reserved");
    shop.clock.advance(999);
    const later = await reserve(aReservation(), [[a, 1]]);
    await shop.answerTo(later);
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 4 });
    shop.clock.advance(1);
    const expired = await eventually(() => {
      const found = shop.told.filter(({ id }) => id === `expired:${reservation.reservationId}`);
      expect(found).toHaveLength(1);
      return found[0];
    });
    expect(expired).toMatchObject({
      type: "products.stock.expired",
      correlationId: `request-of-${sent}`,
      causationId: null,
      data: reservation,
    });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 1 });
    expect(await answer(shop.command(commitStock, reservation))).toBe("expired");
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 1 });
  });

  it("by time comes to many at once", async () => {
    const a = takeGoods();
    await shop.sql`update stock set on_hand = 200 where variant_id = ${a}`;
    const soon = new Date(shop.clock.now().getTime() + 1_000).toISOString();
    await Promise.all(Array.from({ length: 120 }, () => reserve(aReservation(), [[a, 1]], soon)));
    expect(await shop.stockOf(a)).toEqual({ onHand: 200, reserved: 120 });
    shop.clock.advance(1_000);
    await eventually(async () => expect(await shop.stockOf(a)).toEqual({ onHand: 200, reserved: 0 }));
  });
});

describe("the search for reservations that ran out", () => {
  it("by several processes at once ends each once", async () => {
    const a = takeGoods();
    await shop.sql`update stock set on_hand = 200 where variant_id = ${a}`;
    const soon = new Date(shop.clock.now().getTime() + 1_000);
    const reservations = Array.from({ length: 70 }, aReservation);
    await Promise.all(reservations.map((reservation) => reserve(reservation, [[a, 2]], soon.toISOString())));
    const now = () => soon;
    const counts = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const database = openDatabase({ url: shop.databaseUrl, schema, applicationName: "replica", max: 1 });
        const { inTransaction } = createTransactions(database);
        const expired = await makeExpireReservations({ inTransaction, now })();
        await database.close();
        return expired;
      }),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(70);
    expect(await shop.stockOf(a)).toEqual({ onHand: 200, reserved: 0 });
    await eventually(() => {
      const told = shop.told.filter(({ type, id }) => type === "products.stock.expired" && id.startsWith("expired:"));
      const ids = new Set(reservations.map(({ reservationId }) => `expired:${reservationId}`));
      expect(told.filter(({ id }) => ids.has(id))).toHaveLength(70);
    });
  });
});

describe("a command that comes again", () => {
  it("as the same message does nothing and is not answered again", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    const data = { ...reservation, lines: [{ variantId: a, quantity: 4 }], expiresAt: inAQuarterOfAnHour() };
    const id = await shop.command(reserveStock, data);
    await shop.answerTo(id);
    await shop.command(reserveStock, data, id);
    expect(await answer(shop.command(reserveStock, data))).toBe("reserved");
    expect(shop.told.filter(({ causationId }) => causationId === id)).toHaveLength(1);
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 4 });
  });

  it("as another message is answered again and moves nothing", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    const twice = async (send: () => Promise<string>) => [await answer(send()), await answer(send())];
    expect(await twice(() => reserve(reservation, [[a, 4]]))).toEqual(["reserved", "reserved"]);
    expect(await twice(() => shop.command(commitStock, reservation))).toEqual(["committed", "committed"]);
    expect(await shop.stockOf(a)).toEqual({ onHand: 6, reserved: 0 });
    expect(await twice(() => shop.command(restockStock, reservation))).toEqual(["released", "released"]);
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("is rejected as it was, even when there would be enough by now", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    await reserve(reservation, [[a, 11]]);
    await shop.sql`update stock set on_hand = 100 where variant_id = ${a}`;
    const again = await reserve(reservation, [[a, 11]]);
    expect((await shop.answerTo(again)).data).toMatchObject({
      reason: "OUT_OF_STOCK",
      shortages: [{ variantId: a, requested: 11, available: 10 }],
    });
  });

  it("many times at once moves the stock once", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    const repeat = (send: () => Promise<string>) => Promise.all(Array.from({ length: 8 }, () => answer(send())));
    expect(new Set(await repeat(() => reserve(reservation, [[a, 2]])))).toEqual(new Set(["reserved"]));
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 2 });
    expect(new Set(await repeat(() => shop.command(commitStock, reservation)))).toEqual(new Set(["committed"]));
    expect(await shop.stockOf(a)).toEqual({ onHand: 8, reserved: 0 });
  });
});

describe("a command that comes too early", () => {
  it("as a release refuses the reserve that comes after it", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    expect(await answer(shop.command(releaseStock, reservation))).toBe("released");
    const sent = await reserve(reservation, [[a, 1]]);
    expect(await shop.answerTo(sent)).toMatchObject({
      type: "products.stock.rejected",
      data: { reason: "ALREADY_RELEASED", shortages: [] },
    });
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("as a commit says that nothing is held, and nothing will be", async () => {
    const a = takeGoods();
    const reservation = aReservation();
    expect(await answer(shop.command(commitStock, reservation))).toBe("expired");
    expect(await answer(reserve(reservation, [[a, 1]]))).toBe("expired");
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("together with the other leaves nothing held, whichever wins", async () => {
    const a = takeGoods();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const reservation = aReservation();
        await Promise.all([reserve(reservation, [[a, 1]]), shop.command(releaseStock, reservation)]);
      }),
    );
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("or after its own end holds nothing", async () => {
    const a = takeGoods();
    expect(await answer(reserve(aReservation(), [[a, 1]], NOON))).toBe("expired");
    expect(await shop.stockOf(a)).toEqual({ onHand: 10, reserved: 0 });
  });
});
