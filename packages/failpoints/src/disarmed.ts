import type { Guard, Step } from "./names.ts";

export type { Faults, Guard, Step } from "./names.ts";

/** Does nothing: only the fault suite's build, with the export condition `supergraph-faults`, ends the process here. */
export const reach = (_step: Step): void => undefined;

/** False: only the fault suite's build can take a guard out. */
export const isOff = (_guard: Guard): boolean => false;
