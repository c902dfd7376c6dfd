import type { Writable } from "node:stream";

/** Tells a person what is being done and how long each step took. */
export interface Progress {
  /** Runs `work` as a visible step. */
  step<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Milliseconds since the start. */
  elapsedMs(): number;
}

/**
 * On a terminal the running step is shown at once and completed in place; elsewhere a line is written per finished step.
 * Steps may overlap: the line then names what is still running.
 */
export const createProgress = (out: Writable & { isTTY?: boolean }): Progress => {
  const startedAt = performance.now();
  const running = new Set<string>();
  const showRunning = () => {
    if (out.isTTY) out.write(`\r\u001b[K${running.size > 0 ? `  … ${[...running].join(", ")}` : ""}`);
  };
  return {
    elapsedMs: () => performance.now() - startedAt,
    async step(what, work) {
      const from = performance.now();
      running.add(what);
      showRunning();
      let mark = "✗";
      try {
        const result = await work();
        mark = "✓";
        return result;
      } finally {
        running.delete(what);
        out.write(`${out.isTTY ? "\r\u001b[K" : ""}  ${mark} ${what} ${formatSeconds(performance.now() - from)}\n`);
        showRunning();
      }
    },
  };
};

export const formatSeconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
