export type { Backoff } from "./backoff.ts";
export { afterCommit } from "./commit-effects.ts";
export * from "./database.ts";
export { type DatabaseClock, startDatabaseClock } from "./database-clock.ts";
export { createInbox, type Inbox } from "./inbox.ts";
export { jsonRows } from "./json-rows.ts";
export { type ConnectionLimits, NO_LIMITS } from "./limits.ts";
export { OutboxMessageTooLarge } from "./message-size.ts";
export { DatabaseUnavailableError, type MigrateOptions, migrate } from "./migrate.ts";
export { isOutage, outageOf } from "./outage.ts";
export { appendToOutbox, type OutboxMessage } from "./outbox.ts";
export {
  type OutboxGauge,
  type OutboxGaugeOptions,
  type OutboxSample,
  sampleOutbox,
  startOutboxGauge,
} from "./outbox-gauge.ts";
export type { PoolUse } from "./pool-use.ts";
export { type Relay, type RelayLog, type RelayOptions, type RelayStats, startRelay } from "./relay.ts";
export type { Retention } from "./retention.ts";
export { sqlStateOf } from "./sql-state.ts";
export * from "./tables.ts";
export { createTransactions, type TransactionOptions, type Transactions } from "./transactions.ts";
