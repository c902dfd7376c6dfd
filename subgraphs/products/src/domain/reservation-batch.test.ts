import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type Line, mergeLines, type ReservationState } from "./reservation.ts";
import { type CommandOf, decideBatch, type Known } from "./reservation-batch.ts";
import type { Stock } from "./stock.ts";

const noon = new Date("2026-03-01T12:00:00Z");
const soon = new Date("2026-03-01T12:15:00Z");
const past = new Date("2026-03-01T11:59:59Z");

const reserve = (reservationId: string, lines: readonly Line[], expiresAt = soon): CommandOf => ({
  reservationId,
  command: { kind: "reserve", lines, expiresAt },
});
const command = (reservationId: string, kind: "commit" | "release" | "restock" | "expire"): CommandOf => ({
  reservationId,
  command: { kind },
});
const lamp = (quantity: number): Line => ({ variantId: "lamp", quantity });
const aShop = (onHand: number): Known => ({
  states: new Map(),
  lines: new Map(),
  stock: new Map([["lamp", { onHand, reserved: 0 }]]),
});

describe("a batch of stock commands", () => {
  it("gives the goods to those that came first, and refuses the rest with what was left for them", () => {
    const commands = Array.from({ length: 100 }, (_, i) => reserve(`rsv_${i}`, [lamp(1)]));
    const { answers, stockChanges, newLines } = decideBatch(commands, aShop(10), noon);
    expect(answers.slice(0, 10).every((answer) => answer?.kind === "reserved")).toBe(true);
    expect(answers.slice(10)).toEqual(
      Array.from({ length: 90 }, () => ({
        kind: "rejected",
        reason: "OUT_OF_STOCK",
        shortages: [{ variantId: "lamp", requested: 1, available: 0 }],
      })),
    );
    expect(newLines.size).toBe(10);
    expect([...stockChanges]).toEqual([["lamp", { onHand: 0, reserved: 10 }]]);
  });

  it("lets a small order have what a large one before it could not", () => {
    const { answers } = decideBatch([reserve("large", [lamp(11)]), reserve("small", [lamp(10)])], aShop(10), noon);
    expect(answers.map((answer) => answer?.kind)).toEqual(["rejected", "reserved"]);
  });

  it("sees what a command before it about the same reservation has done", () => {
    const commands = [
      reserve("one", [lamp(4)]),
      reserve("one", [lamp(4)]),
      command("one", "commit"),
      command("one", "restock"),
      reserve("one", [lamp(4)]),
      command("other", "release"),
      reserve("other", [lamp(1)]),
    ];
    const { answers, states, stockChanges } = decideBatch(commands, aShop(10), noon);
    expect(answers.map((answer) => answer?.kind)).toEqual([
      "reserved",
      "reserved",
      "committed",
      "released",
      "rejected",
      "released",
      "rejected",
    ]);
    expect([...states]).toEqual([
      ["one", { kind: "RESTOCKED" }],
      ["other", { kind: "RELEASED" }],
    ]);
    expect([...stockChanges]).toEqual([]);
  });

  it("changes nothing where nothing is to be done", () => {
    const known: Known = { ...aShop(10), states: new Map([["one", { kind: "HELD", expiresAt: soon }]]) };
    const decided = decideBatch([command("one", "expire"), reserve("one", [lamp(1)])], known, noon);
    expect(decided.answers).toEqual([null, { kind: "reserved", expiresAt: soon }]);
    expect([decided.states.size, decided.newLines.size, decided.stockChanges.size]).toEqual([0, 0, 0]);
  });

  it("refuses to move what was not looked up", () => {
    const known: Known = { ...aShop(10), states: new Map([["one", { kind: "HELD", expiresAt: soon }]]) };
    expect(() => decideBatch([command("one", "release")], known, noon)).toThrow("its lines were not looked up");
    const lines = new Map([["one", [{ variantId: "rug", quantity: 1 }]]]);
    expect(() => decideBatch([command("one", "release")], { ...known, lines }, noon)).toThrow(
      "its stock was not looked up",
    );
  });

  it("comes to what its commands come to one after another", () => {
    const aLine = fc.record({
      variantId: fc.constantFrom("lamp", "rug", "unknown"),
      quantity: fc.integer({ min: 1, max: 4 }),
    });
    const aCommand: fc.Arbitrary<CommandOf> = fc.record({
      reservationId: fc.constantFrom("a", "b", "c", "d"),
      command: fc.oneof(
        fc.record({
          kind: fc.constant("reserve" as const),
          lines: fc.array(aLine, { minLength: 1, maxLength: 3 }),
          expiresAt: fc.constantFrom(past, noon, soon),
        }),
        fc.record({
          kind: fc.constantFrom("commit" as const, "release" as const, "restock" as const, "expire" as const),
        }),
      ),
    });
    const someStock = fc.record({ lamp: fc.integer({ min: 0, max: 9 }), rug: fc.integer({ min: 0, max: 9 }) });
    fc.assert(
      fc.property(fc.array(aCommand, { maxLength: 30 }), fc.nat(30), someStock, (commands, cut, { lamp, rug }) => {
        const stock = new Map<string, Stock>([
          ["lamp", { onHand: lamp, reserved: 0 }],
          ["rug", { onHand: rug, reserved: 0 }],
        ]);
        // What the first ones come to is on record when the others arrive as a batch.
        const before = oneByOne(commands.slice(0, cut), { states: new Map(), lines: new Map(), stock });
        const expected = oneByOne(commands.slice(cut), before.known);
        const decided = decideBatch(commands.slice(cut), before.known, noon);

        expect(decided.answers).toEqual(expected.answers);
        expect(new Map([...before.known.states, ...decided.states])).toEqual(expected.known.states);
        expect(new Map([...before.known.lines, ...decided.newLines])).toEqual(expected.known.lines);
        const after = new Map(
          [...before.known.stock].map(([id, { onHand, reserved }]) => {
            const change = decided.stockChanges.get(id) ?? { onHand: 0, reserved: 0 };
            return [id, { onHand: onHand + change.onHand, reserved: reserved + change.reserved }];
          }),
        );
        expect(after).toEqual(expected.known.stock);
        for (const { onHand, reserved } of after.values()) expect(reserved >= 0 && reserved <= onHand).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** What a row and its lines would be after each command, were it alone in its transaction. */
const oneByOne = (commands: readonly CommandOf[], { states, lines, stock }: Known) => {
  const known = { states: new Map<string, ReservationState>(states), lines: new Map(lines), stock: new Map(stock) };
  const answers = commands.map(({ reservationId, command }) => {
    const state = known.states.get(reservationId) ?? { kind: "NONE" };
    const { next, move, answer } = decide(
      state,
      command.kind === "reserve" ? { ...command, stock: known.stock } : command,
      noon,
    );
    if (next.kind !== "NONE") known.states.set(reservationId, next);
    if (move === "hold" && command.kind === "reserve") known.lines.set(reservationId, mergeLines(command.lines));
    for (const { variantId, quantity } of move === "none" ? [] : (known.lines.get(reservationId) ?? [])) {
      const { onHand, reserved } = known.stock.get(variantId) ?? { onHand: 0, reserved: 0 };
      const moved = {
        none: { onHand, reserved },
        hold: { onHand, reserved: reserved + quantity },
        unhold: { onHand, reserved: reserved - quantity },
        ship: { onHand: onHand - quantity, reserved: reserved - quantity },
        return: { onHand: onHand + quantity, reserved },
      };
      known.stock.set(variantId, moved[move]);
    }
    return answer;
  });
  return { answers, known };
};
