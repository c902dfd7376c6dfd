import { manualClock } from "@supergraph/testing";
import { describe, expect, it } from "vitest";
import { createCircuit, observed } from "./circuit.ts";
import { circuitSource } from "./circuit-metrics.ts";
import type { PaymentProvider, ProviderResult } from "./payment-provider.ts";

const start = () => {
  const clock = manualClock("2026-03-01T12:00:00.000Z");
  const told: string[] = [];
  const circuit = createCircuit({
    now: clock.now,
    onDown: () => told.push("down"),
    onRecovered: () => told.push("recovered"),
  });
  const fail = (times: number) => {
    for (let n = 0; n < times; n += 1) circuit.record(false);
  };
  return { clock, told, circuit, fail };
};

describe("a circuit", () => {
  it("tells its state, in numbers, too", () => {
    const { circuit, fail } = start();
    const states = [circuit.state()];
    fail(10);
    states.push(circuit.state());
    circuit.record(true);
    states.push(circuit.state());
    expect(circuitSource(circuit).read()).toEqual(
      [
        ["closed", 0],
        ["half-open", 1],
        ["open", 0],
      ].map(([state, value]) => ({ metric: "supergraph_provider_breaker", value, labels: { state } })),
    );
    fail(10);
    states.push(circuit.state());
    for (let n = 0; n < 250; n += 1) circuit.record(true);
    states.push(circuit.state());
    expect(states).toEqual(["closed", "open", "half-open", "open", "closed"]);
  });

  it("lets everything begin while the provider answers, also where single requests fail", () => {
    const { circuit, told, fail } = start();
    for (let n = 0; n < 5; n += 1) {
      fail(9);
      circuit.record(true);
    }
    expect(circuit.allowance(0)).toBe(Number.POSITIVE_INFINITY);
    expect(told).toEqual([]);
  });

  it("lets one a second ask once nobody is answered", () => {
    const { circuit, told, fail, clock } = start();
    fail(10);
    expect(circuit.allowance(0)).toBe(0);
    clock.advance(1_000);
    expect([circuit.allowance(0), circuit.allowance(0)]).toEqual([1, 0]);
    fail(1);
    clock.advance(999);
    expect(circuit.allowance(0)).toBe(0);
    clock.advance(1);
    expect(circuit.allowance(0)).toBe(1);
    expect(told).toEqual(["down"]);
  });

  it("lets more and more begin from the first answer on, and tells so", () => {
    const { circuit, told, fail } = start();
    fail(25);
    circuit.record(true);
    expect([circuit.allowance(0), circuit.allowance(7), circuit.allowance(20)]).toEqual([8, 1, 0]);
    circuit.record(true);
    expect(circuit.allowance(0)).toBe(9);
    fail(9);
    expect(circuit.allowance(0)).toBe(9);
    fail(1);
    expect(circuit.allowance(0)).toBe(0);
    for (let n = 0; n < 250; n += 1) circuit.record(true);
    expect(circuit.allowance(1_000)).toBe(Number.POSITIVE_INFINITY);
    expect(told).toEqual(["down", "recovered", "down", "recovered"]);
  });
});

describe("an observed provider", () => {
  const answering = (result: ProviderResult): PaymentProvider => ({
    authorize: async () => result,
    capture: async () => result,
    void: async () => result,
    refund: async () => result,
    find: async () => (result.kind === "unknown" ? result : { kind: "absent" }),
    check: async () => undefined,
    close: async () => undefined,
  });

  const ask = async (provider: PaymentProvider) => {
    const change = { idempotencyKey: "key", providerPaymentId: "pmt" };
    await provider.authorize({
      idempotencyKey: "key",
      reference: "ord",
      amountMinor: 1n,
      currency: "EUR",
      paymentMethodToken: "tok",
    });
    await provider.capture(change);
    await provider.void(change);
    await provider.refund({ ...change, reference: "ref", amountMinor: 1n });
    await provider.find("ord");
  };

  it.each<[ProviderResult, boolean]>([
    [{ kind: "unknown", reason: "no answer" }, false],
    [{ kind: "refused", reason: "no such payment" }, true],
  ])("tells the circuit of each request that came to %o", async (result, isAnswered) => {
    const recorded: boolean[] = [];
    const circuit = { allowance: () => 1, record: (answered: boolean) => void recorded.push(answered) };
    await ask(observed(answering(result), circuit));
    expect(recorded).toEqual(Array.from({ length: 5 }, () => isAnswered));
  });
});
