export type { Backoff } from "./backoff.ts";
export * from "./bus.ts";
export * from "./events.ts";
export { BusStopped, createInProcessBus, type InProcessBus, type InProcessOptions } from "./in-process.ts";
export type { Log } from "./log.ts";
export { connectNats } from "./nats/bus.ts";
export { NatsConnectError, type NatsOptions, NatsStreamError } from "./nats/options.ts";
export { BusFull, MessageTooLarge } from "./publish-errors.ts";
export { beginStep, continueTrace, type Step, traceHeaders } from "./trace.ts";
