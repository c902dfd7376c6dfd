import type { PaymentProvider } from "./payment-provider.ts";

/** Open while the provider is taken to be down, half-open while it is given more and more, closed while it is given all. */
export const CIRCUIT_STATES = ["closed", "half-open", "open"] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

export interface Circuit {
  state(): CircuitState;
  /** How many attempts may begin now, beside `running` ones; whoever is given some begins them. */
  allowance(running: number): number;
  /** Takes in that a request was answered, by a yes or by a no, or that nothing came of it. */
  record(isAnswered: boolean): void;
}

export interface CircuitOptions {
  readonly now: () => Date;
  /** Called when the provider answers again. */
  readonly onRecovered: () => void;
  /** Called when it is taken to be down. */
  readonly onDown: () => void;
}

/** Answers that fail one after another, of whatever payments, before the provider is taken to be down. */
const FAILURES_TO_OPEN = 10;
const PROBE_EVERY_MS = 1_000;
/** Attempts at once after an answer from a provider that was down; one more with each answer. */
const FIRST_AFTER_DOWN = 8;
/** From here on nothing is held back any more. */
const RECOVERED_AT = 256;

/**
 * While the provider answers nobody, one attempt a second asks whether it is back, and everything else waits as it is:
 * an attempt that is bound to fail would only make the next one come later. What has waited does not come at once: a
 * provider that is just back, and slow, would be taken down again by it.
 */
export const createCircuit = ({ now, onRecovered, onDown }: CircuitOptions): Circuit => {
  let failures = 0;
  let nextProbeAt: number | null = null;
  let limit = Number.POSITIVE_INFINITY;
  return {
    state() {
      if (nextProbeAt !== null) return "open";
      return Number.isFinite(limit) ? "half-open" : "closed";
    },
    allowance(running) {
      if (nextProbeAt === null) return Math.max(0, limit - running);
      if (now().getTime() < nextProbeAt) return 0;
      nextProbeAt = now().getTime() + PROBE_EVERY_MS;
      return 1;
    },
    record(isAnswered) {
      if (isAnswered) {
        failures = 0;
        limit = limit < RECOVERED_AT ? limit + 1 : Number.POSITIVE_INFINITY;
        if (nextProbeAt === null) return;
        nextProbeAt = null;
        limit = FIRST_AFTER_DOWN;
        onRecovered();
        return;
      }
      failures += 1;
      if (failures < FAILURES_TO_OPEN || nextProbeAt !== null) return;
      nextProbeAt = now().getTime() + PROBE_EVERY_MS;
      onDown();
    },
  };
};

/** The provider, with each of its answers told to `circuit`. */
export const observed = (provider: PaymentProvider, circuit: Pick<Circuit, "record">): PaymentProvider => {
  const watch = async <Result extends { readonly kind: string }>(request: Promise<Result>): Promise<Result> => {
    const result = await request;
    circuit.record(result.kind !== "unknown");
    return result;
  };
  return {
    ...provider,
    authorize: (request) => watch(provider.authorize(request)),
    capture: (request) => watch(provider.capture(request)),
    void: (request) => watch(provider.void(request)),
    refund: (request) => watch(provider.refund(request)),
    find: (reference) => watch(provider.find(reference)),
  };
};
