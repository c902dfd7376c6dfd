import type { Live } from "../live.ts";
import type { Records } from "../records.ts";

/** What a process does to the world, in its order. */
const STEPS: ReadonlySet<string> = new Set(["keepArtifact", "append", "note", "move"]);

export class Killed extends Error {}

/**
 * The two of a process that is killed `before` or `after` its `step`-th write, counted from 1 over both. Whatever it asks for
 * afterwards rejects, as it would be asked no more.
 */
export const interrupted = (
  { records, live }: { readonly records: Records; readonly live: Live },
  step: number,
  when: "before" | "after",
) => {
  let steps = 0;
  let isDead = false;
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name, receiver) {
        const value: unknown = Reflect.get(of, name, receiver);
        if (typeof value !== "function" || name === "close") return value;
        return async (...given: unknown[]) => {
          if (isDead) throw new Killed();
          const isStep = STEPS.has(String(name)) && ++steps === step;
          if (isStep) isDead = true;
          if (isStep && when === "before") throw new Killed();
          const result: unknown = await value.apply(of, given);
          if (isStep) throw new Killed();
          return result;
        };
      },
    });
  return { records: guard(records), live: guard(live), wasKilled: () => isDead };
};
