import type postgres from "postgres";
import type { Database, Schema } from "./database.ts";
import { createSignal } from "./signal.ts";

export interface Leadership {
  /** False as soon as another may hold the lock, also when nothing has been heard of its loss. */
  held(): boolean;
  /** Gives the lock back. */
  stop(): Promise<void>;
}

export interface LeadershipLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** How often who does not lead asks for the lock. Waiting inside Postgres would hold back vacuum. */
const RETRY_MS = 300;
/** How often who leads makes sure of its session, which also keeps Postgres from ending it. */
const VERIFY_MS = 500;
const ANSWER_WITHIN_MS = 1_000;
/** How long a verified session counts, from before it was asked. */
const LEASE_MS = VERIFY_MS + ANSWER_WITHIN_MS;
/** After which Postgres ends a session that is sent nothing: its client is gone, whether or not that can be seen. */
const SESSION_IDLE_MS = 2_000;

/** Any constants will do, as long as every version of this code uses the same. */
const LOCK_CLASS = 7_305;
const RELAY_LOCK = 111;

/**
 * Seeks a lock that one session of the database holds at a time, and keeps seeking while another has it or the database
 * is down. Guaranteed:
 *
 * - Whoever holds it stops on its own when it cannot verify its session for {@link LEASE_MS}, heard or not heard of the
 *   loss, and whoever takes over from another waits as long before it begins. So of those that knew each other one
 *   works at a time. Only what starts anew and finds the lock free does not wait, and a process that is frozen between
 *   asking `held()` and acting is not stopped: what they do has to be harmless when it is done twice.
 * - Another works within 5 s, whether the holder ended, hangs, or is cut off without a word: {@link SESSION_IDLE_MS}
 *   until Postgres gives its session up, {@link RETRY_MS} until that is noticed, {@link LEASE_MS} of waiting.
 */
export const seekLeadership = <S extends Schema>(options: {
  readonly database: Pick<Database<S>, "openSession">;
  readonly log: LeadershipLog;
  readonly onGained: () => void;
}): Leadership => {
  const { database, log, onGained } = options;
  const wake = createSignal();
  let stopped = false;
  let heldBy: number | null = null;
  /** Both by the monotonic clock. */
  let heldFrom = 0;
  let heldUntil = 0;
  let anotherHeld = false;
  let beginning: NodeJS.Timeout | undefined;

  const lose = (reason: string) => {
    if (heldBy === null) return;
    heldBy = null;
    clearTimeout(beginning);
    if (!stopped) log.warn({ reason }, "the relay lost its lock, another instance may take over");
    wake.notify();
  };

  const openSession = (): postgres.Sql => {
    const session: postgres.Sql = database.openSession({
      idleTimeoutMs: SESSION_IDLE_MS,
      onClose() {
        if (session === current) lose("its connection was closed");
      },
    });
    return session;
  };
  let current = openSession();

  /** A session that did not answer may be stuck for long: leave it and go on with a new one. */
  const replaceSession = () => {
    const abandoned = current;
    current = openSession();
    void abandoned.end({ timeout: 0 }).catch(() => undefined);
  };

  const seek = async () => {
    const askedAt = performance.now();
    const [row] = await answerWithin<{ held: boolean; pid: number }[]>(
      current`select pg_try_advisory_lock(${LOCK_CLASS}, ${RELAY_LOCK}) as held, pg_backend_pid() as pid`,
    );
    if (!row || stopped) return;
    if (!row.held) {
      anotherHeld = true;
      return;
    }
    const waitMs = anotherHeld ? LEASE_MS : 0;
    anotherHeld = false;
    heldBy = row.pid;
    heldFrom = performance.now() + waitMs;
    heldUntil = askedAt + LEASE_MS;
    beginning = setTimeout(() => {
      log.info({}, "the relay leads");
      onGained();
    }, waitMs);
  };

  const verify = async () => {
    const askedAt = performance.now();
    const [row] = await answerWithin<{ pid: number }[]>(current`select pg_backend_pid() as pid`);
    if (row?.pid === heldBy) heldUntil = askedAt + LEASE_MS;
    else lose("its session was replaced");
  };

  const loop = async () => {
    while (!stopped) {
      try {
        await (heldBy === null ? seek() : verify());
      } catch (error) {
        lose(error instanceof Error ? error.message : String(error));
        if (stopped) return;
        replaceSession();
        await wake.wait(RETRY_MS);
        continue;
      }
      await wake.wait(heldBy === null ? RETRY_MS : VERIFY_MS);
    }
  };
  const running = loop();

  return {
    held: () => heldBy !== null && performance.now() >= heldFrom && performance.now() < heldUntil,
    async stop() {
      stopped = true;
      heldBy = null;
      clearTimeout(beginning);
      wake.notify();
      await current.end({ timeout: 1 }).catch(() => undefined);
      await running;
    },
  };
};

const answerWithin = async <T>(query: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([query, timeout]);
  } finally {
    clearTimeout(timer);
  }
};
