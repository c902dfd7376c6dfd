/** Lets so many calls be under way at once; so many more wait for their turn, first come, first served. */
export interface Queue {
  /**
   * Takes a turn. "queued" calls `onTurn` once it has it, unless it was {@link withdraw}n before; "full" takes none.
   * Whoever has a turn gives it back by {@link leave}.
   */
  enter(onTurn: () => void): "entered" | "queued" | "full";
  withdraw(onTurn: () => void): void;
  leave(): void;
  readonly inFlight: number;
  readonly queued: number;
}

export const createQueue = ({
  maxConcurrent,
  maxQueued,
}: {
  readonly maxConcurrent: number;
  readonly maxQueued: number;
}): Queue => {
  // Keeps the order of arrival, and lets those in the middle go at no cost.
  const waiting = new Set<() => void>();
  let inFlight = 0;
  return {
    enter(onTurn) {
      if (inFlight < maxConcurrent) {
        inFlight += 1;
        return "entered";
      }
      if (waiting.size >= maxQueued) return "full";
      waiting.add(onTurn);
      return "queued";
    },
    withdraw(onTurn) {
      waiting.delete(onTurn);
    },
    leave() {
      const [next] = waiting;
      if (!next) {
        inFlight -= 1;
        return;
      }
      waiting.delete(next);
      next();
    },
    get inFlight() {
      return inFlight;
    },
    get queued() {
      return waiting.size;
    },
  };
};
