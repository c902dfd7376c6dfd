import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { DeadLetter } from "./bus.ts";
import { readLetter } from "./events-cli/letters.ts";
import type { Log } from "./log.ts";

/** A letter in this kind of file waits to be handed to its consumer again. */
export const REPLAY_SUFFIX = ".replay";

const LOOK_EVERY_MS = 500;

/**
 * Hands the letters of `directory` that were marked for it to `deliver`, which resolves once their message is handled or
 * buried again, until `signal` is aborted. A letter is removed after that: a crash in between hands it over again.
 */
export const watchReplays = async (options: {
  readonly directory: string;
  /** Rejects with what keeps the message from being handed over now. Null where nobody reads it any more. */
  readonly deliver: (letter: DeadLetter) => Promise<void> | null;
  readonly signal: AbortSignal;
  readonly log: Log;
}): Promise<void> => {
  const { directory, deliver, signal, log } = options;
  const taken = new Set<string>();

  const takeUp = async (path: string): Promise<void> => {
    const fields = { letter: path };
    try {
      const { letter, obstacle } = readLetter(path, JSON.parse(await readFile(path, "utf8")), { subject: "", at: "" });
      const delivered = obstacle === null ? deliver(letter) : null;
      if (delivered === null) {
        log.error({ ...fields, obstacle }, "a dead letter cannot be replayed: no consumer takes it");
        await rename(path, `${path.slice(0, -REPLAY_SUFFIX.length)}.json`);
        return;
      }
      await delivered;
      await rm(path, { force: true });
      log.info({ ...fields, messageId: letter.message.envelope.id }, "a dead letter was replayed");
    } catch (error) {
      if (!signal.aborted) log.error({ ...fields, err: error }, "a dead letter could not be replayed: trying again");
    }
  };

  while (!signal.aborted) {
    const names = await readdir(directory, { recursive: true }).catch((): string[] => []);
    for (const path of names.filter((name) => name.endsWith(REPLAY_SUFFIX)).map((name) => join(directory, name))) {
      if (taken.has(path)) continue;
      taken.add(path);
      void takeUp(path).finally(() => taken.delete(path));
    }
    // Aborted, the pause rejects at once, and the loop ends.
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
};
