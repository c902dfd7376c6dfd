import { ConfigError, type Logger } from "@supergraph/service";
import { type Generation, hashOf } from "./generation.ts";

/** What became of a supergraph that was offered. */
export type Offer = "serving" | "unchanged" | "refused";

export interface GenerationsState {
  readonly number: number;
  readonly hash: string;
  readonly servingSince: Date;
  /** Former generations on which something still runs. */
  readonly draining: number;
  /** The last supergraph that was offered and could not be served; null since one could. */
  readonly refused: { readonly hash: string; readonly at: Date; readonly reason: string } | null;
  readonly reloads: Readonly<Record<Offer, number>>;
}

/** The generation that serves, and those that end. */
export interface Generations {
  readonly current: Generation;
  /**
   * Opens a generation of `sdl` beside the one that serves, and puts it in its place once it could serve. What was refused the
   * last time is tried again only for who insists. Never rejects.
   */
  offer(sdl: string, insists?: boolean): Promise<Offer>;
  state(): GenerationsState;
  /** Lets go of all of them; what runs on them has been waited for. */
  close(): Promise<void>;
}

export interface GenerationsDeps {
  readonly open: (generation: { readonly number: number; readonly sdl: string }) => Promise<Generation>;
  readonly warmOperations: number;
  readonly drainMs: number;
  readonly log: Logger;
}

/** @throws ConfigError when `sdl` cannot be served. */
export const openGenerations = async (sdl: string, deps: GenerationsDeps): Promise<Generations> => {
  const { open, warmOperations, drainMs, log } = deps;
  let current = await open({ number: 1, sdl });
  let servingSince = new Date();
  let refused: GenerationsState["refused"] = null;
  let isClosed = false;
  const reloads = { serving: 0, unchanged: 0, refused: 0 };
  const draining = new Set<Promise<void>>();

  const retire = (former: Generation): void => {
    const retired = former
      .retire(drainMs)
      .catch((error: unknown) => log.error({ err: error, generation: former.number }, "a generation cannot be closed"))
      .finally(() => {
        draining.delete(retired);
        log.info(
          { generation: former.number, supergraph: former.hash },
          "nothing runs on a former generation any more",
        );
      });
    draining.add(retired);
  };

  const replace = async (offered: string, insists: boolean): Promise<Offer> => {
    if (isClosed) return "unchanged";
    const hash = hashOf(offered);
    if (offered === current.sdl) {
      refused = null;
      return "unchanged";
    }
    if (refused?.hash === hash && !insists) return "unchanged";
    const startedAt = performance.now();
    let next: Generation;
    try {
      next = await open({ number: current.number + 1, sdl: offered });
    } catch (error) {
      refused = { hash, at: new Date(), reason: error instanceof Error ? error.message : String(error) };
      log.error(
        // What is wrong with a supergraph is told by its message; a stack would be that of the composition library.
        { err: error instanceof ConfigError ? error.message : error, refused: hash, serving: current.hash },
        "a supergraph cannot be served: the former one goes on",
      );
      return "refused";
    }
    const invalidOperations = await next.warm(current.documents.mostUsed(warmOperations));
    if (isClosed) {
      await next.retire(0);
      return "unchanged";
    }
    const former = current;
    current = next;
    servingSince = new Date();
    refused = null;
    log.info(
      {
        generation: next.number,
        supergraph: next.hash,
        former: former.hash,
        ms: Math.round(performance.now() - startedAt),
        ...(invalidOperations > 0 ? { invalidOperations } : {}),
      },
      "another supergraph serves",
    );
    retire(former);
    return "serving";
  };

  // One after the other: two that open at once could take each other's place in the wrong order.
  let last: Promise<unknown> = Promise.resolve();

  return {
    get current() {
      return current;
    },
    offer(offered, insists = false) {
      const offer = last.then(async () => {
        const outcome = await replace(offered, insists);
        reloads[outcome] += 1;
        return outcome;
      });
      last = offer;
      return offer;
    },
    state: () => ({
      number: current.number,
      hash: current.hash,
      servingSince,
      draining: draining.size,
      refused,
      reloads: { ...reloads },
    }),
    async close() {
      isClosed = true;
      await last;
      await Promise.all([...draining, current.retire(0)]);
    },
  };
};
