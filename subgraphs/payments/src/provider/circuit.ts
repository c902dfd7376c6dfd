import type { PaymentProvider } from "./payment-provider.ts";

export interface Circuit {
  /** How many attempts may begin now; whoever is given some begins them. */
  allowance(): number;
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

/**
 * While the provider answers nobody, one attempt a second asks whether it is back, and everything else waits as it is:
 * an attempt that is bound to fail would only make the next one come later.
 */
export const createCircuit = ({ now, onRecovered, onDown }: CircuitOptions): Circuit => {
  let failures = 0;
  let nextProbeAt: number | null = null;
  return {
    allowance() {
      if (nextProbeAt === null) return Number.POSITIVE_INFINITY;
      if (now().getTime() < nextProbeAt) return 0;
      nextProbeAt = now().getTime() + PROBE_EVERY_MS;
      return 1;
    },
    record(isAnswered) {
      if (isAnswered) {
        failures = 0;
        if (nextProbeAt === null) return;
        nextProbeAt = null;
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
export const observed = (provider: PaymentProvider, circuit: Circuit): PaymentProvider => {
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
