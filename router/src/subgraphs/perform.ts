import { type Attempt, givenUp } from "./attempt.ts";
import type { Breaker } from "./breaker.ts";
import { ABANDONED, type CallContext, type Failed, type Outcome, type SubgraphFetch } from "./call.ts";
import type { Deadline } from "./deadline.ts";
import type { Queue } from "./queue.ts";
import type { Replica, Replicas } from "./replicas.ts";
import { backoffMs, type RetryBudget } from "./retries.ts";

/**
 * Makes a call within `deadline`: in its turn, unless the circuit is open, and again where that is allowed. Never rejects.
 */
export type Perform = (fetch: SubgraphFetch, context: CallContext, deadline: Deadline) => Promise<Outcome>;

export const createPerform = (deps: {
  readonly attempt: Attempt;
  readonly replicas: Replicas;
  readonly queue: Queue;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  readonly retries: number;
  readonly random: () => number;
}): Perform => {
  const { attempt, replicas, queue, breaker, budget, retries, random } = deps;

  const attemptAt = async (
    replica: Replica,
    fetch: SubgraphFetch,
    context: CallContext,
    deadline: Deadline,
  ): Promise<Outcome> => {
    const outcome = await attempt(replica, fetch, context, deadline);
    replicas.release(replica, outcome.kind === "answered" ? "alive" : outcome.health);
    return outcome;
  };

  const withRetries = async (fetch: SubgraphFetch, context: CallContext, deadline: Deadline): Promise<Outcome> => {
    budget.countCall();
    let replica = replicas.pick();
    for (let retried = 0; ; retried += 1) {
      const outcome = await attemptAt(replica, fetch, context, deadline);
      if (outcome.kind === "answered" || !outcome.mayRepeat || retried >= retries) return outcome;
      const next = replicas.pick(replica);
      // What one replica asks for is not asked of another.
      const pauseMs = backoffMs(retried, next === replica ? outcome.retryAfterMs : null, random);
      if (pauseMs === null || pauseMs >= deadline.remainingMs() || !budget.withdraw()) {
        replicas.release(next, "unknown");
        return outcome;
      }
      context.log.debug({ failure: outcome.failure, ...outcome.detail, pauseMs }, "a subgraph call is tried again");
      await deadline.pause(pauseMs);
      if (deadline.over) {
        replicas.release(next, "unknown");
        return deadline.over === "abandoned" ? ABANDONED : outcome;
      }
      replica = next;
    }
  };

  return async (fetch, context, deadline) => {
    const refusedForMs = breaker.refusal();
    if (refusedForMs !== null) return circuitOpen(refusedForMs);
    const turn = await takeTurn(queue, deadline);
    if (turn === "full") return overloaded(queue);
    // The subgraph is not to blame for a call that it never saw.
    if (turn === "over") return { ...givenUp(deadline, false, fetch), health: "unknown" };
    try {
      return await unlessOpen(breaker, () => withRetries(fetch, context, deadline));
    } finally {
      queue.leave();
    }
  };
};

export const unlessOpen = async (breaker: Breaker, call: () => Promise<Outcome>): Promise<Outcome> =>
  (await breaker.run(call)) ?? circuitOpen(breaker.refusal() ?? 0);

const takeTurn = (queue: Queue, deadline: Deadline): "entered" | "full" | Promise<"entered" | "over"> => {
  let enter: () => void = () => undefined;
  const onTurn = () => enter();
  const turn = queue.enter(onTurn);
  if (turn !== "queued") return turn;
  return new Promise((resolve) => {
    enter = () => {
      deadline.listen(null);
      resolve("entered");
    };
    deadline.listen(() => {
      queue.withdraw(onTurn);
      resolve("over");
    });
  });
};

const refused = (failure: Failed["failure"], rest: Pick<Failed, "retryAfterMs" | "detail">): Failed => ({
  kind: "failed",
  failure,
  health: "unknown",
  mayRepeat: false,
  ...rest,
});

const overloaded = ({ inFlight, queued }: Queue): Failed =>
  refused("SUBGRAPH_UNAVAILABLE", { retryAfterMs: null, detail: { reason: "overloaded", inFlight, queued } });

const circuitOpen = (remainingMs: number): Failed =>
  refused("SUBGRAPH_CIRCUIT_OPEN", {
    retryAfterMs: Math.max(1, Math.ceil(remainingMs)),
    detail: { reason: "the circuit is open" },
  });
