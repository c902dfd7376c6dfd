import { inOwnTrace, type Logger, type Running } from "@supergraph/service";

/**
 * Runs `expireReservations` every `intervalMs`, never twice at once. It outlives failures: what was not ended is found
 * again the next time. `stop` waits for a run in flight.
 */
export const startExpiryJob = ({
  expireReservations,
  intervalMs,
  log,
}: {
  expireReservations: () => Promise<number>;
  intervalMs: number;
  log: Logger;
}): Running => {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  const run = async () => {
    try {
      const expired = await inOwnTrace("expire reservations", expireReservations);
      if (expired > 0) log.info({ expired }, "ended stock reservations that ran out");
    } catch (error) {
      log.error({ err: error }, "could not end stock reservations that ran out, trying again");
    }
    if (!stopped) schedule();
  };
  const schedule = () => {
    timer = setTimeout(() => {
      running = run();
    }, intervalMs);
  };

  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
