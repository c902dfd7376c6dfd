import fc from "fast-check";
import { expect, it } from "vitest";
import { at, NOON } from "../testing/saga-states.ts";
import { type Fortune, SagaWorld } from "../testing/saga-world.ts";
import { begin } from "./saga.ts";

const fortune: fc.Arbitrary<Fortune> = fc.record({
  inStock: fc.boolean(),
  payment: fc.constantFrom("authorized", "actionRequired", "declined"),
  captureWorks: fc.boolean(),
});

type Happening =
  | { kind: "command" | "event"; which: number; how: "once" | "and keep" | "lose" }
  | { kind: "time"; seconds: number }
  | { kind: "cancel"; reason: "CUSTOMER" | "ADMIN" }
  | { kind: "expire" }
  | { kind: "bank"; confirms: boolean };

/** Messages are picked anywhere in the queue, so they overtake each other; kept ones arrive again; lost ones never. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom("command" as const, "event" as const),
      which: fc.nat(20),
      how: fc.constantFrom("once" as const, "once" as const, "once" as const, "and keep" as const, "lose" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("time" as const), seconds: fc.integer({ min: 1, max: 1_200 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("cancel" as const),
      reason: fc.constantFrom("CUSTOMER" as const, "ADMIN" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expire" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("bank" as const), confirms: fc.boolean() }) },
);

const happen = (world: SagaWorld, happened: Happening): void => {
  switch (happened.kind) {
    case "command":
    case "event": {
      const queue: unknown[] = happened.kind === "command" ? world.commands : world.events;
      if (queue.length === 0) return;
      const index = happened.which % queue.length;
      if (happened.how !== "lose") {
        if (happened.kind === "command") deliver(world.commands, index, (command) => world.carryOut(command));
        else deliver(world.events, index, (event) => world.tellSaga(event));
      }
      if (happened.how !== "and keep") queue.splice(index, 1);
      return;
    }
    case "time":
      world.now = new Date(world.now.getTime() + happened.seconds * 1_000);
      world.tellSaga({ kind: "deadline" });
      return;
    case "cancel":
      world.tellSaga({ kind: "cancelRequested", reason: happened.reason, note: null });
      return;
    case "expire":
      world.expireHold();
      return;
    case "bank":
      world.answerBank(happened.confirms);
      return;
  }
};

const deliver = <T>(queue: readonly T[], index: number, to: (message: T) => void): void => {
  const message = queue[index];
  if (message !== undefined) to(message);
};

/** From now on the bus works, and time passes whenever nothing else is left to happen. */
const runToTheEnd = (world: SagaWorld): void => {
  for (let round = 0; round < 1_000; round += 1) {
    const command = world.commands.shift();
    if (command) world.carryOut(command);
    const event = world.events.shift();
    if (event) world.tellSaga(event);
    if (command || event) continue;
    if (world.saga.deadlineAt === null) return;
    world.now = world.saga.deadlineAt;
    world.tellSaga({ kind: "deadline" });
  }
};

it("ends DONE or CANCELLED with goods and money where they belong, whatever is lost, repeated, late or called off", () => {
  const ends = new Set<string>();
  fc.assert(
    fc.property(fortune, fc.array(happening, { maxLength: 60 }), (luck, happenings) => {
      const context = { ...at(NOON), newReservationId: "res_1" };
      const world = new SagaWorld(begin(context), luck, context);
      for (const happened of happenings) happen(world, happened);
      runToTheEnd(world);

      const states = [...world.reservations.entries()];
      const held = states.filter(([, state]) => state === "HELD");
      const committed = states.filter(([, state]) => state === "COMMITTED").map(([id]) => id);
      expect(held).toEqual([]);
      expect(world.captures).toBeLessThanOrEqual(1);
      if (world.saga.state === "DONE") {
        expect(committed).toEqual([world.saga.reservationId]);
        expect(world.payment).toBe("CAPTURED");
        expect(world.captures).toBe(1);
      } else {
        expect(world.saga.state).toBe("CANCELLED");
        expect(committed).toEqual([]);
        expect(["TOMBSTONE", "DECLINED", "VOIDED", "REFUNDED", null]).toContain(world.payment);
      }
      ends.add(world.saga.cancelReason ?? world.saga.state);
    }),
    { numRuns: 5_000, seed: 20260131 },
  );
  // Otherwise the property would hold because nothing happens.
  expect([...ends].sort()).toEqual(["ADMIN", "CUSTOMER", "DONE", "OUT_OF_STOCK", "PAYMENT_DECLINED", "TIMED_OUT"]);
});
