import { json, type Route } from "./http.ts";
import type { Logger } from "./log.ts";

/** Rejects when what it looks at is not usable. Its name appears in the answer, its error only in the log. */
export interface ReadinessCheck {
  readonly name: string;
  check(): Promise<void>;
}

/** Facts for whoever looks, such as how much waits in an outbox. They decide nothing, and cost nothing to ask for. */
export type ServiceState = Readonly<Record<string, boolean | number | string | null>>;

export interface Health {
  readonly routes: readonly Route[];
  /** From now on `/health/ready` answers 503, so that no new traffic is sent here while it drains. */
  drain(): void;
}

const CHECK_TIMEOUT_MS = 2_000;

/**
 * `/health/live`: the process answers. `/health/ready`: every check passes and it is not draining; 503 otherwise.
 * What `reported` finds is told beside the checks, but does not decide: what can be lived without; it may be a function where
 * that changes. So is `state`. With `log`, a check
 * that begins to fail, or passes again, is logged.
 */
export const createHealth = (
  checks: readonly ReadinessCheck[],
  reported: readonly ReadinessCheck[] | (() => readonly ReadinessCheck[]) = [],
  log?: Logger,
  state?: () => ServiceState,
): Health => {
  let draining = false;
  const runChecks = checks.map((check) => runner(check, log));
  const runners = new WeakMap<ReadinessCheck, () => Promise<Result>>();
  const runnerOf = (check: ReadinessCheck) => {
    const known = runners.get(check) ?? runner(check, log);
    runners.set(check, known);
    return known;
  };
  const runReported = () => (typeof reported === "function" ? reported() : reported).map(runnerOf);
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
          const [results, others] = await Promise.all([run(runChecks), run(runReported())]);
          const ready = results.every(([, passed]) => passed);
          return json(ready ? 200 : 503, {
            status: ready ? "ready" : "not ready",
            checks: describe(results),
            ...(others.length > 0 ? { reported: describe(others) } : {}),
            ...(state ? { state: state() } : {}),
          });
        },
      },
    ],
  };
};

type Result = readonly [name: string, passed: boolean];

const run = (runners: readonly (() => Promise<Result>)[]): Promise<Result[]> =>
  Promise.all(runners.map((one) => one()));

const describe = (results: readonly Result[]): Record<string, "ok" | "failed"> =>
  Object.fromEntries(results.map(([name, passed]) => [name, passed ? "ok" : "failed"]));

/** However many ask at once, what is checked is asked once: anybody may ask, and a hanging check is not to pile up. */
const runner = ({ name, check }: ReadinessCheck, log: Logger | undefined): (() => Promise<Result>) => {
  let pending: Promise<void> | undefined;
  let failing = false;
  return async () => {
    pending ??= Promise.resolve()
      .then(check)
      .finally(() => {
        pending = undefined;
      });
    const failure = await failureOf(pending);
    if (failure && !failing) log?.warn({ check: name, err: failure.error }, "a readiness check fails");
    if (!failure && failing) log?.info({ check: name }, "a readiness check passes again");
    failing = failure !== undefined;
    return [name, !failing];
  };
};

const failureOf = async (checked: Promise<void>): Promise<{ error: unknown } | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([checked, timeout]);
    return undefined;
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
};
