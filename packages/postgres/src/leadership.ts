import type postgres from "postgres";
import type { Database, Schema } from "./database.ts";
import { createSignal } from "./signal.ts";

export interface Leadership {
  held(): boolean;
  /** Gives the lock back. */
  stop(): Promise<void>;
}

export interface LeadershipLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** How often who does not lead asks for the lock. Waiting inside Postgres would hold back vacuum. */
const RETRY_MS = 500;
/** How often who leads makes sure that its session is alive; a broken connection usually tells at once. */
const VERIFY_MS = 5_000;
const ANSWER_WITHIN_MS = 5_000;

/** Any constants will do, as long as every version of this code uses the same. */
const LOCK_CLASS = 7_305;
const RELAY_LOCK = 111;

/**
 * Seeks a lock that one session of the database holds at a time, keeps seeking while another has it or the database is
 * down, and notices when it is lost with its session.
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

  const lose = (reason: string) => {
    if (heldBy === null) return;
    heldBy = null;
    if (!stopped) log.warn({ reason }, "the relay lost its lock, another instance may take over");
    wake.notify();
  };

  const openSession = (): postgres.Sql => {
    const session: postgres.Sql = database.openSession(() => {
      if (session === current) lose("its connection was closed");
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
    const [row] = await answerWithin<{ held: boolean; pid: number }[]>(
      current`select pg_try_advisory_lock(${LOCK_CLASS}, ${RELAY_LOCK}) as held, pg_backend_pid() as pid`,
    );
    if (!row?.held || stopped) return;
    heldBy = row.pid;
    log.info({}, "the relay leads");
    onGained();
  };

  const verify = async () => {
    const [row] = await answerWithin<{ pid: number }[]>(current`select pg_backend_pid() as pid`);
    if (row?.pid !== heldBy) lose("its session was replaced");
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
    held: () => heldBy !== null,
    async stop() {
      stopped = true;
      heldBy = null;
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
