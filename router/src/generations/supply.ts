import { ConfigError, type Logger } from "@supergraph/service";
import type { Generations } from "./generations.ts";
import type { LastGood } from "./last-good.ts";
import type { SupergraphSource } from "./source.ts";

/** Looks at the source again and again, and offers what is new. */
export interface Supply {
  /** Looks now, and offers what is there even if it was offered, and refused, before. Never rejects. */
  reload(): Promise<void>;
  /** Whether the source could be read when it was last looked at. */
  isReachable(): boolean;
  stop(): Promise<void>;
}

/**
 * Opens with what the source has; while it has nothing that could be served, with the last supergraph that could.
 * @throws ConfigError when there is neither.
 */
export const openSupply = async (options: {
  readonly source: SupergraphSource;
  readonly lastGood: LastGood;
  readonly open: (sdl: string) => Promise<Generations>;
  readonly log: Logger;
}): Promise<{ generations: Generations; supply: Supply }> => {
  const { source, lastGood, log } = options;
  const generations = await openFirst(options);

  let isReachable = true;
  let isStopped = false;
  const look = async (insists: boolean): Promise<void> => {
    let sdl: string | null;
    try {
      sdl = await source.read();
    } catch (error) {
      if (isReachable) log.error({ err: error, source: source.name }, "the supergraph's source cannot be read");
      isReachable = false;
      return;
    }
    if (!isReachable) log.info({ source: source.name }, "the supergraph's source can be read again");
    isReachable = true;
    if (sdl === null) return;
    const offer = await generations.offer(sdl, insists);
    const { refused } = generations.state();
    // Not waited for: that it cannot be told must not keep what comes next from being looked at.
    void source.answer?.(refused?.reason ?? null);
    if (offer === "serving") await lastGood.keep(sdl);
  };

  let looking = Promise.resolve();
  const lookInTurn = (insists: boolean): Promise<void> => {
    looking = looking.then(() => (isStopped ? undefined : look(insists)));
    return looking;
  };
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (source.intervalMs === null || isStopped) return;
    timer = setTimeout(() => void lookInTurn(false).finally(wait), source.intervalMs);
    timer.unref();
  };
  wait();
  source.listen?.(() => void lookInTurn(false));

  return {
    generations,
    supply: {
      reload() {
        source.forget();
        return lookInTurn(true);
      },
      isReachable: () => isReachable,
      async stop() {
        isStopped = true;
        clearTimeout(timer);
        await looking;
      },
    },
  };
};

const openFirst = async (options: Parameters<typeof openSupply>[0]): Promise<Generations> => {
  const { source, lastGood, open, log } = options;
  try {
    const sdl = await readFirst(source);
    const generations = await openAnswering(source, () => open(sdl));
    await lastGood.keep(sdl);
    return generations;
  } catch (error) {
    const kept = error instanceof ConfigError ? await lastGood.read() : null;
    if (kept === null) throw error;
    log.error(
      { err: (error as ConfigError).message, source: source.name },
      "the supergraph's source has none that can be served: the last good one serves",
    );
    // So that what the source has is looked at again, and what is wrong with it is told.
    source.forget();
    return open(kept);
  }
};

/** Who published it hears, even from a router that ends because of it. */
const openAnswering = async (source: SupergraphSource, open: () => Promise<Generations>): Promise<Generations> => {
  try {
    const generations = await open();
    void source.answer?.(null);
    return generations;
  } catch (error) {
    if (error instanceof ConfigError) await source.answer?.(error.message);
    throw error;
  }
};

/** @throws ConfigError */
export const readFirst = async (source: SupergraphSource): Promise<string> => {
  try {
    return (await source.read()) ?? "";
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`The supergraph cannot be read from ${source.name}: ${reason}`);
  }
};
