import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decide,
  mergeLines,
  type ReservationCommand,
  type ReservationState,
  type Shortage,
  type StockMove,
} from "./reservation.ts";
import type { Stock } from "./stock.ts";

const noon = new Date("2026-03-01T12:00:00Z");
const soon = new Date("2026-03-01T12:15:00Z");
const past = new Date("2026-03-01T11:59:59Z");

const lamp = { variantId: "var_lamp", quantity: 2 };
const shortages: Shortage[] = [{ variantId: "var_lamp", requested: 2, available: 1 }];
const stock = (left: Record<string, number>): Map<string, Stock> =>
  new Map(Object.entries(left).map(([id, onHand]) => [id, { onHand: onHand + 3, reserved: 3 }]));

const states = {
  NONE: { kind: "NONE" },
  HELD: { kind: "HELD", expiresAt: soon },
  COMMITTED: { kind: "COMMITTED", expiresAt: soon },
  RELEASED: { kind: "RELEASED" },
  RESTOCKED: { kind: "RESTOCKED" },
  EXPIRED: { kind: "EXPIRED" },
  REJECTED: { kind: "REJECTED", reason: "OUT_OF_STOCK", shortages },
} satisfies Record<ReservationState["kind"], ReservationState>;

const commands = {
  reserve: { kind: "reserve", lines: [lamp], expiresAt: soon, stock: stock({ var_lamp: 5 }) },
  commit: { kind: "commit" },
  release: { kind: "release" },
  restock: { kind: "restock" },
  expire: { kind: "expire" },
} satisfies Record<ReservationCommand["kind"], ReservationCommand>;

const reserved = { kind: "reserved", expiresAt: soon };
const committed = { kind: "committed" };
const released = { kind: "released", restocked: false };
const restocked = { kind: "released", restocked: true };
const expired = { kind: "expired" };
const outOfStock = { kind: "rejected", reason: "OUT_OF_STOCK", shortages };
const tooLate = { kind: "rejected", reason: "ALREADY_RELEASED", shortages: [] };

/** State, command, next state, move of the stock, answer: every pair there is, at noon. */
const table: [
  ReservationState["kind"],
  ReservationCommand["kind"],
  ReservationState["kind"],
  StockMove,
  object | null,
][] = [
  ["NONE", "reserve", "HELD", "hold", reserved],
  ["NONE", "commit", "EXPIRED", "none", expired],
  ["NONE", "release", "RELEASED", "none", released],
  ["NONE", "restock", "RELEASED", "none", restocked],
  ["NONE", "expire", "NONE", "none", null],
  ["HELD", "reserve", "HELD", "none", reserved],
  ["HELD", "commit", "COMMITTED", "ship", committed],
  ["HELD", "release", "RELEASED", "unhold", released],
  ["HELD", "restock", "RELEASED", "unhold", restocked],
  ["HELD", "expire", "HELD", "none", null],
  ["COMMITTED", "reserve", "COMMITTED", "none", reserved],
  ["COMMITTED", "commit", "COMMITTED", "none", committed],
  ["COMMITTED", "release", "RESTOCKED", "return", released],
  ["COMMITTED", "restock", "RESTOCKED", "return", restocked],
  ["COMMITTED", "expire", "COMMITTED", "none", null],
  ["RELEASED", "reserve", "RELEASED", "none", tooLate],
  ["RELEASED", "commit", "RELEASED", "none", expired],
  ["RELEASED", "release", "RELEASED", "none", released],
  ["RELEASED", "restock", "RELEASED", "none", restocked],
  ["RELEASED", "expire", "RELEASED", "none", null],
  ["RESTOCKED", "reserve", "RESTOCKED", "none", tooLate],
  ["RESTOCKED", "commit", "RESTOCKED", "none", expired],
  ["RESTOCKED", "release", "RESTOCKED", "none", released],
  ["RESTOCKED", "restock", "RESTOCKED", "none", restocked],
  ["RESTOCKED", "expire", "RESTOCKED", "none", null],
  ["EXPIRED", "reserve", "EXPIRED", "none", expired],
  ["EXPIRED", "commit", "EXPIRED", "none", expired],
  ["EXPIRED", "release", "EXPIRED", "none", released],
  ["EXPIRED", "restock", "EXPIRED", "none", restocked],
  ["EXPIRED", "expire", "EXPIRED", "none", null],
  ["REJECTED", "reserve", "REJECTED", "none", outOfStock],
  ["REJECTED", "commit", "REJECTED", "none", expired],
  ["REJECTED", "release", "REJECTED", "none", released],
  ["REJECTED", "restock", "REJECTED", "none", restocked],
  ["REJECTED", "expire", "REJECTED", "none", null],
];

describe("a reservation", () => {
  it("has a decision for every state and every command", () => {
    expect(table).toHaveLength(Object.keys(states).length * Object.keys(commands).length);
    expect(new Set(table.map(([state, command]) => `${state} ${command}`)).size).toBe(table.length);
  });

  it.each(table)("that is %s and gets %s becomes %s, moves %s", (state, command, next, move, answer) => {
    const decision = decide(states[state], commands[command], noon);
    expect(decision.next.kind).toBe(next);
    expect(decision.move).toBe(move);
    expect(decision.answer).toEqual(answer);
  });

  it.each(table)("that is %s and gets %s twice moves the stock once", (state, command) => {
    const first = decide(states[state], commands[command], noon);
    const second = decide(first.next, commands[command], noon);
    expect(second).toEqual({ next: first.next, move: "none", answer: first.answer });
  });

  it("ends when its time has come, and not before", () => {
    const held = states.HELD;
    expect(decide(held, commands.expire, new Date(soon.getTime() - 1)).move).toBe("none");
    expect(decide(held, commands.expire, soon)).toEqual({ next: { kind: "EXPIRED" }, move: "unhold", answer: expired });
  });

  it("is still committed after its time as long as nobody took the goods away", () => {
    expect(decide({ kind: "HELD", expiresAt: past }, commands.commit, noon)).toMatchObject({
      move: "ship",
      answer: committed,
    });
  });

  it("holds nothing when its reserve arrives after its end", () => {
    expect(decide(states.NONE, { ...commands.reserve, expiresAt: noon }, noon)).toEqual({
      next: { kind: "EXPIRED" },
      move: "none",
      answer: expired,
    });
  });

  it("holds everything or nothing", () => {
    const lines = [lamp, { variantId: "var_desk", quantity: 6 }];
    expect(
      decide(states.NONE, { ...commands.reserve, lines, stock: stock({ var_lamp: 5, var_desk: 5 }) }, noon),
    ).toEqual({
      next: expect.objectContaining({ kind: "REJECTED" }),
      move: "none",
      answer: {
        kind: "rejected",
        reason: "OUT_OF_STOCK",
        shortages: [{ variantId: "var_desk", requested: 6, available: 5 }],
      },
    });
    expect(
      decide(states.NONE, { ...commands.reserve, lines, stock: stock({ var_lamp: 2, var_desk: 6 }) }, noon).move,
    ).toBe("hold");
  });

  it("counts lines of the same variant together", () => {
    expect(
      decide(states.NONE, { ...commands.reserve, lines: [lamp, lamp], stock: stock({ var_lamp: 3 }) }, noon).answer,
    ).toMatchObject({ shortages: [{ variantId: "var_lamp", requested: 4, available: 3 }] });
  });

  it("is rejected for an unknown variant, which says more than that another is short", () => {
    const lines = [lamp, { variantId: "var_gone", quantity: 1 }];
    expect(decide(states.NONE, { ...commands.reserve, lines, stock: stock({ var_lamp: 1 }) }, noon).answer).toEqual({
      kind: "rejected",
      reason: "UNKNOWN_VARIANT",
      shortages: [
        { variantId: "var_gone", requested: 1, available: 0 },
        { variantId: "var_lamp", requested: 2, available: 1 },
      ],
    });
  });

  it("neither makes nor loses goods, whatever comes in whatever order", () => {
    const anyCommand = fc.constantFrom(...Object.values(commands));
    fc.assert(
      fc.property(fc.array(fc.tuple(anyCommand, fc.boolean())), (sequence) => {
        let state: ReservationState = states.NONE;
        let onHand = 8;
        let reservedNow = 3;
        let givenUp = false;
        for (const [command, late] of sequence) {
          const { next, move, answer } = decide(state, command, late ? soon : noon);
          if (move === "hold") reservedNow += 2;
          if (move === "unhold" || move === "ship") reservedNow -= 2;
          if (move === "ship") onHand -= 2;
          if (move === "return") onHand += 2;
          state = next;
          givenUp ||= answer?.kind === "released" || answer?.kind === "expired";
          expect([3, 5]).toContain(reservedNow);
          expect(reservedNow === 5).toBe(state.kind === "HELD");
          expect(onHand === 6).toBe(state.kind === "COMMITTED");
          if (givenUp) expect({ onHand, reservedNow }).toEqual({ onHand: 8, reservedNow: 3 });
        }
      }),
    );
  });
});

describe("lines", () => {
  it("are merged a variant and put in the order in which their stock is locked", () => {
    expect(
      mergeLines([
        { variantId: "b", quantity: 1 },
        { variantId: "a", quantity: 2 },
        { variantId: "b", quantity: 3 },
      ]),
    ).toEqual([
      { variantId: "a", quantity: 2 },
      { variantId: "b", quantity: 4 },
    ]);
  });
});
