const MINUTE_MS = 60 * 1000;

/** Failures in a row that cost nothing yet. */
export const FREE_FAILURES = 10;
/** Failures count as being in a row when less than this lies between the end of one's effect and the next. */
export const FAILURE_MEMORY_MS = 15 * MINUTE_MS;
export const FIRST_BLOCK_MS = MINUTE_MS / 2;
export const LONGEST_BLOCK_MS = 15 * MINUTE_MS;

/** What is remembered of an e-mail, whether it has an account or not. */
export interface LoginFailures {
  readonly failures: number;
  readonly lastFailedAt: Date;
  readonly blockedUntil: Date | null;
}

export const isBlocked = (memory: LoginFailures | undefined, now: Date): boolean =>
  memory?.blockedUntil != null && memory.blockedUntil > now;

/**
 * What to remember after one more failure. From the tenth on each failure blocks the e-mail, for twice as long as the one
 * before. Attempts during a block change nothing: otherwise anybody could lock somebody out for good.
 */
export const rememberFailure = (memory: LoginFailures | undefined, now: Date): LoginFailures => {
  if (memory && isBlocked(memory, now)) return memory;
  const failures = memory && !isForgotten(memory, now) ? memory.failures + 1 : 1;
  const blockMs =
    failures < FREE_FAILURES ? 0 : Math.min(FIRST_BLOCK_MS * 2 ** (failures - FREE_FAILURES), LONGEST_BLOCK_MS);
  return { failures, lastFailedAt: now, blockedUntil: blockMs > 0 ? new Date(now.getTime() + blockMs) : null };
};

/** A row whose last failure is older than this says nothing any more and may go. */
export const forgottenBefore = (now: Date): Date => new Date(now.getTime() - FAILURE_MEMORY_MS - LONGEST_BLOCK_MS);

const isForgotten = ({ lastFailedAt, blockedUntil }: LoginFailures, now: Date): boolean =>
  now.getTime() - (blockedUntil ?? lastFailedAt).getTime() >= FAILURE_MEMORY_MS;
