import { z } from "zod";

const milliseconds = () => z.int().min(1).max(3_600_000);
const count = () => z.int().min(1).max(1_000_000);

const Breaker = z
  .strictObject({
    failureRatio: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe("The share of calls, from 0 to 1, that must have failed within `windowMs` for the circuit to open."),
    windowMs: milliseconds().default(10_000).describe("Milliseconds that `failureRatio` and `minimumCalls` look back."),
    minimumCalls: count()
      .default(20)
      .describe("Calls that must have ended within `windowMs` before their failures are held against the subgraph."),
    consecutiveFailures: count()
      .nullable()
      .default(null)
      .describe("Failed calls in a row that open the circuit whatever the share is; null for no such number."),
    openMs: milliseconds()
      .default(1_000)
      .describe(
        "Milliseconds for which an open circuit fails every call at once. Then one call is let through: the circuit closes when it is answered, and stays open for as long again when it is not.",
      ),
  })
  .describe("When calls of a subgraph that fails are not even tried.");

const Ejection = z
  .strictObject({
    consecutiveFailures: count().default(5).describe("Failed calls in a row after which a replica is left out."),
    ejectMs: milliseconds()
      .default(5_000)
      .describe(
        "Milliseconds for which it is left out; then one call tries it. Each time in a row that this fails makes it longer by as much, up to ten times.",
      ),
    maxEjectedRatio: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe("The share of a subgraph's replicas, from 0 to 1, that may be left out at the same time."),
  })
  .describe("When a replica that fails is left out. Means nothing to a subgraph with one URL.");

/** How one subgraph is called. */
export const SubgraphSettings = z.strictObject({
  timeoutMs: milliseconds()
    .default(5_000)
    .describe(
      "Milliseconds that one call may take as a whole: waiting for its turn, connecting, every retry, the last byte of the answer. What is left of it goes to the subgraph as `x-request-timeout-ms`.",
    ),
  connectTimeoutMs: milliseconds().default(2_000).describe("Milliseconds to connect, TLS handshake included."),
  maxResponseBytes: z
    .int()
    .min(1)
    .max(536_870_888)
    .default(20_000_000)
    .describe("Bytes that one response, or one event of a subscription, may have."),
  maxConcurrent: count()
    .default(512)
    .describe(
      "Calls that may be under way at once, and so the connections to a replica; further ones wait for a turn.",
    ),
  maxQueued: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(1_024)
    .describe("Calls that may wait for their turn; further ones fail at once as `SUBGRAPH_UNAVAILABLE`."),
  retries: z
    .int()
    .min(0)
    .max(2)
    .default(2)
    .describe(
      "Times that a call is sent again after its connection was lost or a 502, 503 or 504 came instead of a GraphQL answer: a query always, a mutation only while surely not a byte of it has left.",
    ),
  retryBudget: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      "Retries as a share of calls, from 0 to 1: no more are made, but for a few a second that are always allowed. Keeps retries from holding down a subgraph that has too much to do.",
    ),
  deduplicate: z
    .boolean()
    .default(true)
    .describe(
      "Whether queries that are the same to the subgraph (body, headers, viewer) and under way at the same time are sent once. Mutations never are.",
    ),
  breaker: z
    .union([z.literal(false), Breaker])
    .prefault({})
    .describe("When calls of a subgraph that fails are not even tried; false for never."),
  ejection: z
    .union([z.literal(false), Ejection])
    .prefault({})
    .describe("When one of several replicas is left out because it fails; false for never."),
});

export type SubgraphSettings = z.output<typeof SubgraphSettings>;
export type BreakerSettings = Exclude<SubgraphSettings["breaker"], false>;
export type EjectionSettings = Exclude<SubgraphSettings["ejection"], false>;
