import { setTimeout as pause } from "node:timers/promises";
import type { Logger, Running } from "@supergraph/service";

const EVERY_MS = 10 * 60_000;

/** Runs `prune` now and then, never twice at once. `stop` ends a run after the batch that it is at. */
export const startPruningJob = ({
  prune,
  log,
}: {
  prune: (goOn: () => boolean) => Promise<number>;
  log: Logger;
}): Running => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      try {
        const pruned = await prune(() => !signal.aborted);
        if (pruned > 0) log.info({ pruned }, "removed records that are no longer kept");
      } catch (error) {
        log.warn({ err: error }, "could not remove records that are no longer kept, trying again later");
      }
      // By chance, so that replicas do not come at the same time.
      await pause(EVERY_MS * (0.75 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
};
