/** When a call is given up: after its time, or when its client has gone. */
export interface Deadline {
  readonly signal: AbortSignal;
  expired(): boolean;
  /** Lets go of the timer; `signal` still follows the client's. */
  clear(): void;
}

export const createDeadline = (timeoutMs: number, client: AbortSignal | undefined): Deadline => {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort();
  }, timeoutMs);
  return {
    signal: client ? AbortSignal.any([client, controller.signal]) : controller.signal,
    expired: () => expired,
    clear: () => clearTimeout(timer),
  };
};
