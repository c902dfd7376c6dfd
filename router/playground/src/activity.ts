import { createStore, type Store } from "./store.ts";

/** How the latest operation fares; shown below its result. */
export type Activity =
  | { kind: "idle" }
  | { kind: "running" }
  | { kind: "answered"; status: number; ms: number; bytes: number }
  | { kind: "streaming"; events: number }
  | { kind: "streamEnded"; events: number }
  | { kind: "stopped"; events: number | null }
  | { kind: "failed" };

export const createActivity = (): Store<Activity> => createStore<Activity>({ kind: "idle" });
