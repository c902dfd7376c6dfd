import { begin, decide, statusOf } from "../../subgraphs/orders/src/domain/saga.ts";
import type { Command, Saga, SagaEvent, SagaState } from "../../subgraphs/orders/src/domain/saga-model.ts";
import { SAGA_STATES } from "../../subgraphs/orders/src/domain/saga-model.ts";
import { at, eventsFor, NOON } from "../../subgraphs/orders/src/testing/saga-states.ts";

/** What one event does to one saga, in the words of the documents. */
export interface Transition {
  readonly from: SagaState;
  readonly to: SagaState;
  readonly event: string;
  /** Kinds of commands, in the order in which they are sent. */
  readonly commands: readonly string[];
  readonly alert: boolean;
}

const MAX_SAGAS = 10_000;

/**
 * All that the saga can do: every event, and the passing of every deadline, in every state that can be reached from a new
 * order, decided by the state machine itself. What is ignored is left out.
 */
export const transitions = (): readonly Transition[] => {
  const first = begin({ ...at(NOON), newReservationId: "res_1" }).saga;
  const seen = new Map([[fingerprint(first), first]]);
  const found = new Map<string, Transition>();
  for (const saga of seen.values()) {
    if (seen.size > MAX_SAGAS)
      throw new Error(`Expected the saga to have fewer than ${MAX_SAGAS} different situations.`);
    for (const { name, event, now } of happenings(saga)) {
      const decision = decide(saga, event, at(now, `res_${saga.reservations + 1}`));
      if (decision.kind === "ignored") continue;
      const next = decision.saga;
      if (!seen.has(fingerprint(next))) seen.set(fingerprint(next), next);
      const transition: Transition = {
        from: saga.state,
        to: next.state,
        event: name,
        commands: decision.commands.map(describeCommand),
        alert: decision.alert !== null,
      };
      found.set(JSON.stringify(transition), transition);
    }
  }
  const position = ({ from, to }: Transition) => SAGA_STATES.indexOf(from) * 100 + SAGA_STATES.indexOf(to);
  return [...found.values()].sort((a, b) => position(a) - position(b));
};

export const firstCommand = (): string =>
  begin({ ...at(NOON), newReservationId: "res_1" })
    .commands.map(describeCommand)
    .join(", ");

export const statusesOfStates = (): readonly { readonly state: SagaState; readonly status: string }[] =>
  SAGA_STATES.map((state) => ({ state, status: statusOf(state) }));

/** Times are left out: what a saga does depends on them only by its deadlines, and those are all tried. */
const fingerprint = ({ state, reservations, commitRequested, captureRequested, undo, cancelReason }: Saga): string =>
  JSON.stringify([state, reservations, commitRequested, captureRequested, Object.entries(undo).sort(), cancelReason]);

interface Happening {
  readonly name: string;
  readonly event: SagaEvent;
  readonly now: Date;
}

const happenings = (saga: Saga): readonly Happening[] => {
  const events = Object.entries(eventsFor(saga)).filter(([, event]) => event.kind !== "deadline");
  return [...events.map(([name, event]) => ({ name, event, now: saga.enteredAt })), ...deadlines(saga)];
};

const deadlines = ({ deadlineAt, giveUpAt, enteredAt }: Saga): readonly Happening[] => {
  if (deadlineAt === null) return [];
  const event: SagaEvent = { kind: "deadline" };
  const { policy } = at(NOON);
  const repeat = { name: "no answer yet", event, now: deadlineAt };
  if (giveUpAt !== null) {
    const givenUp = { name: `nothing for ${minutes(giveUpAt.getTime() - enteredAt.getTime())}`, event, now: giveUpAt };
    return deadlineAt < giveUpAt ? [repeat, givenUp] : [givenUp];
  }
  const alertAt = new Date(enteredAt.getTime() + policy.alertAfterMs);
  return [repeat, { name: `no answer for ${minutes(policy.alertAfterMs)}`, event, now: alertAt }];
};

const minutes = (ms: number): string => `${ms / 60_000} min`;

const describeCommand = ({ kind }: Command): string => kind;
