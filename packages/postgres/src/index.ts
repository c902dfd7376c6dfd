export * from "./database.ts";
export { createInbox, type Inbox } from "./inbox.ts";
export { DatabaseUnavailableError, type MigrateOptions, migrate } from "./migrate.ts";
export { isOutage } from "./outage.ts";
export { appendToOutbox, type OutboxMessage } from "./outbox.ts";
export { type Backoff, type Relay, type RelayLog, type RelayOptions, type RelayStats, startRelay } from "./relay.ts";
export type { Retention } from "./retention.ts";
export * from "./tables.ts";
export { createTransactions, sqlStateOf, type Transactions } from "./transactions.ts";
