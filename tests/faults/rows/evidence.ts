import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "@supergraph/testing";
import type { Ended, ManagedService } from "../model.ts";

/** What a row meant to do did not happen: that nothing broke would then prove nothing. */
export class FaultDidNotHappen extends Error {
  override readonly name = "FaultDidNotHappen";
}

/** @throws FaultDidNotHappen */
export const happened = (truth: boolean, otherwise: string): void => {
  if (!truth) throw new FaultDidNotHappen(otherwise);
};

/**
 * Resolves once `look` answers true.
 * @throws FaultDidNotHappen with `otherwise` after `withinMs`.
 */
export const happens = async (
  look: () => boolean | Promise<boolean>,
  otherwise: string,
  withinMs = 20_000,
): Promise<void> => {
  await eventually(
    async () => {
      happened(await look(), otherwise);
    },
    { timeoutMs: withinMs },
  );
};

/**
 * How the process that runs now ends, by itself.
 * @throws FaultDidNotHappen when it still runs after `withinMs`.
 */
export const dies = async (service: ManagedService, withinMs: number, otherwise: string): Promise<Ended> => {
  const inTime = new AbortController();
  const late = pause(withinMs, null, { signal: inTime.signal }).catch(() => null);
  const end = await Promise.race([service.ended(), late]);
  inTime.abort();
  if (end === null) throw new FaultDidNotHappen(otherwise);
  return end;
};

/** @throws FaultDidNotHappen unless it was SIGKILL. */
export const killed = (service: ManagedService, { code, signal }: Ended): void =>
  happened(signal === "SIGKILL", `${service.name} ended by ${signal ?? `code ${code}`}, not by SIGKILL`);

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
