export interface Signal {
  /** Ends the current wait, or the next one at once. */
  notify(): void;
  /** Resolves on {@link notify}, or after `ms`. One waits at a time. */
  wait(ms: number): Promise<void>;
}

export const createSignal = (): Signal => {
  let notified = false;
  let endWait: (() => void) | null = null;
  return {
    notify() {
      notified = true;
      endWait?.();
    },
    async wait(ms) {
      if (!notified) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          endWait = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        endWait = null;
      }
      notified = false;
    },
  };
};
