const POLL_MS = 20;
const TIMEOUT_MS = 10_000;

/**
 * Repeats `assertion` until it no longer throws and answers what it returned. Rejects with its last error after
 * `timeoutMs` (10 s unless given), also when the assertion itself hangs.
 */
export const eventually = async <T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<T> => {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown = new Error(`The assertion did not settle within ${timeoutMs} ms.`);
  for (;;) {
    try {
      return await withDeadline(Promise.resolve().then(assertion), deadline, () => lastError);
    } catch (error) {
      lastError = error;
      if (Date.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const withDeadline = async <T>(work: Promise<T>, deadline: number, reason: () => unknown): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(reason()), Math.max(deadline - Date.now(), 0));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
};
