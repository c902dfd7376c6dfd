import { json, type Route } from "./http.ts";

/** Rejects when what it looks at is not usable. Its name appears in the answer, its error only in the log. */
export interface ReadinessCheck {
  readonly name: string;
  check(): Promise<void>;
}

export interface Health {
  readonly routes: readonly Route[];
  /** From now on `/health/ready` answers 503, so that no new traffic is sent here while it drains. */
  drain(): void;
}

const CHECK_TIMEOUT_MS = 2_000;

/**
 * `/health/live`: the process answers. `/health/ready`: every check passes and it is not draining; 503 otherwise.
 * What `reported` finds is told beside the checks, but does not decide: what can be lived without.
 */
export const createHealth = (checks: readonly ReadinessCheck[], reported: readonly ReadinessCheck[] = []): Health => {
  let draining = false;
  return {
    drain() {
      draining = true;
    },
    routes: [
      { method: "GET", path: "/health/live", handle: async () => json(200, { status: "live" }) },
      {
        method: "GET",
        path: "/health/ready",
        async handle() {
          if (draining) return json(503, { status: "draining" });
          const [results, others] = await Promise.all([run(checks), run(reported)]);
          const ready = results.every(([, passed]) => passed);
          return json(ready ? 200 : 503, {
            status: ready ? "ready" : "not ready",
            checks: describe(results),
            ...(others.length > 0 ? { reported: describe(others) } : {}),
          });
        },
      },
    ],
  };
};

type Results = readonly (readonly [name: string, passed: boolean])[];

const run = (checks: readonly ReadinessCheck[]): Promise<Results> =>
  Promise.all(checks.map(async ({ name, check }) => [name, await passes(check)] as const));

const describe = (results: Results): Record<string, "ok" | "failed"> =>
  Object.fromEntries(results.map(([name, passed]) => [name, passed ? "ok" : "failed"]));

const passes = async (check: () => Promise<void>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, false);
  });
  try {
    return await Promise.race([check().then(() => true), timeout]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
};
