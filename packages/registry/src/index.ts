export * from "./live.ts";
export { type Change, type Note, openRecords, type Records, type Version } from "./records.ts";
export {
  type Act,
  type Current,
  changesOf,
  createRegistry,
  type Healed,
  type History,
  type HistoryEntry,
  type Proposal,
  type Published,
  type Registry,
  type RolledBack,
} from "./registry.ts";
export type { RouterAnswers } from "./routers.ts";
