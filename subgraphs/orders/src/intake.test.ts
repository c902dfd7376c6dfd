import { silentLogger } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_LOAD_LIMITS, type LoadLimits } from "./domain/intake.ts";
import { type Admission, type Intake, type SampledLoad, startIntake } from "./intake.ts";

let intake: Intake | undefined;
afterEach(() => intake?.stop());

const nothing = async () => ({});

const start = (
  sample: () => Promise<SampledLoad>,
  limits: Partial<LoadLimits> = {},
  otherSample: () => Promise<SampledLoad> = nothing,
): Intake => {
  intake = startIntake({
    samples: [sample, otherSample],
    // The machine that tests may be as slow as it likes.
    limits: { ...DEFAULT_LOAD_LIMITS, event_loop: 1e9, ...limits },
    sampleEveryMs: 20,
    log: silentLogger(),
  });
  return intake;
};

const leave = (admission: Admission | undefined): void => {
  if (admission?.kind !== "admitted") throw new Error(`Expected an admission, got ${admission?.kind}.`);
  admission.leave();
};

describe("the intake", () => {
  it("takes so many orders at once, and the next ones after enough of them have left", () => {
    const { admit, shed } = start(nothing, { placing: 10 });
    const admitted = Array.from({ length: 10 }, admit);
    expect(admitted.every(({ kind }) => kind === "admitted")).toBe(true);
    expect(admit()).toEqual({ kind: "overloaded", retryAfterMs: expect.any(Number) });
    leave(admitted[0]);
    leave(admitted[1]);
    expect(admit().kind).toBe("overloaded");
    leave(admitted[2]);
    expect(admit().kind).toBe("admitted");
    expect(shed().placing).toBe(2);
  });

  it("takes no more while those that it took get nowhere", async () => {
    const { admit, shed } = start(nothing, { placing_age: 50 });
    const slow = Array.from({ length: 10 }, admit);
    await eventually(() => {
      const next = admit();
      if (next.kind === "admitted") next.leave();
      expect(next).toEqual({ kind: "overloaded", retryAfterMs: expect.any(Number) });
    });
    expect(shed().placing_age).toBe(1);
    leave(slow[0] ?? expect.fail("none was taken"));
    expect(admit().kind).toBe("admitted");
  });

  it("counts carts among what is under way, and refuses them for what is too much in this process alone", async () => {
    let depth = 0;
    const { admit, admitCart } = start(async () => ({ outbox_depth: depth }), { placing: 4, outbox_depth: 1_000 });
    const carts = [admitCart(), admitCart()];
    // Whoever has filled a cart is to get through with its order.
    expect(admitCart().kind).toBe("overloaded");
    const orders = [admit(), admit()];
    expect(admit().kind).toBe("overloaded");
    for (const work of [...carts, ...orders]) leave(work);
    depth = 1_000;
    await eventually(() => expect(admit().kind).toBe("overloaded"));
    expect(admitCart().kind).toBe("admitted");
  });

  it("counts one that leaves twice once", () => {
    const { admit } = start(nothing, { placing: 2 });
    const first = admit();
    leave(first);
    leave(first);
    expect([admit(), admit(), admit()].map(({ kind }) => kind)).toEqual(["admitted", "admitted", "overloaded"]);
  });

  it("refuses while there is too much to publish, and tells when to try again", async () => {
    let depth = 1_000;
    const { admit, shed } = start(async () => ({ outbox_depth: depth }), { outbox_depth: 1_000 });
    await eventually(() => expect(admit().kind).toBe("overloaded"));
    const refused = admit();
    expect(refused.kind === "overloaded" && refused.retryAfterMs).toBeGreaterThanOrEqual(5_000);
    expect(shed().outbox_depth).toBeGreaterThan(0);
    depth = 799;
    await eventually(() => expect(admit().kind).toBe("admitted"));
  });

  it("goes by what it saw last while it cannot look", async () => {
    let fails = false;
    let looks = 0;
    const { admit } = start(async () => {
      looks += 1;
      if (fails) throw new Error("the database is down");
      return { outbox_depth: 9e9 };
    });
    await eventually(() => expect(admit().kind).toBe("overloaded"));
    fails = true;
    const before = looks;
    await eventually(() => expect(looks).toBeGreaterThan(before + 2));
    expect(admit().kind).toBe("overloaded");
  });

  it("looks at one thing while another keeps it waiting", async () => {
    const { admit } = start(
      () => new Promise(() => undefined),
      {},
      async () => ({ consumer_lag: 9e9 }),
    );
    await eventually(() => expect(admit().kind).toBe("overloaded"));
  });

  it("refuses while this process cannot keep up", async () => {
    const { admit, shed } = start(nothing, { event_loop: 25 });
    const busy = setInterval(() => {
      const until = performance.now() + 100;
      while (performance.now() < until);
    }, 1);
    await eventually(() => expect(admit().kind).toBe("overloaded")).finally(() => clearInterval(busy));
    expect(shed().event_loop).toBeGreaterThan(0);
    await eventually(() => expect(admit().kind).toBe("admitted"));
  });
});
