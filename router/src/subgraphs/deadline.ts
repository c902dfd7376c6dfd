/**
 * When a call is given up: after its time, or when nobody waits for it any more. One timer a call; whatever the call waits
 * for listens here, one thing at a time.
 */
export class Deadline {
  /** Null as long as somebody waits. */
  over: "expired" | "abandoned" | null = null;
  readonly #endsAt: number;
  readonly #timer: NodeJS.Timeout;
  #listener: (() => void) | null = null;

  constructor(timeoutMs: number) {
    this.#endsAt = performance.now() + timeoutMs;
    this.#timer = setTimeout(expire, timeoutMs, this);
  }

  /** Never negative. */
  remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** `listener` is called once, when it is over; in place of the one before. Null for none. */
  listen(listener: (() => void) | null): void {
    this.#listener = listener;
  }

  abandon(): void {
    this.#end("abandoned");
  }

  /** Comes earlier when it is over. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.listen(null);
        resolve();
      }, milliseconds);
      this.listen(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Lets go of the timer: from here on only {@link abandon} ends it. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  expire(): void {
    this.#end("expired");
  }

  #end(over: "expired" | "abandoned"): void {
    if (this.over) return;
    this.over = over;
    clearTimeout(this.#timer);
    const listener = this.#listener;
    this.#listener = null;
    listener?.();
  }
}

const expire = (deadline: Deadline): void => deadline.expire();
