import type { Observable } from "@graphiql/toolkit";
import type { ExecutionResult } from "graphql";
import type { Observer } from "./fetcher.ts";

/**
 * What GraphiQL takes as a running operation: `start` begins it and returns how to stop it. Nothing reaches the
 * observer after the end or a stop.
 */
export function observable(start: (observer: Observer) => () => void): Observable<ExecutionResult> {
  return {
    subscribe(
      observer?: Observer | ((result: ExecutionResult) => void),
      onError?: ((error: unknown) => void) | null,
      onComplete?: () => void,
    ) {
      const target: Partial<Observer> =
        typeof observer === "object" ? observer : { next: observer, error: onError ?? undefined, complete: onComplete };
      let ended = false;
      const end = (notify: () => void): void => {
        if (ended) return;
        ended = true;
        notify();
      };
      const stop = start({
        next: (result) => {
          if (!ended) target.next?.(result);
        },
        error: (error) => end(() => target.error?.(error)),
        complete: () => end(() => target.complete?.()),
      });
      return { unsubscribe: () => end(stop) };
    },
  };
}
