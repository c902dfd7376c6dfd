import { generateSigningKey } from "@supergraph/service";
import { expect, it } from "vitest";
import { parseOrdersConfig } from "./config.ts";
import { DEFAULT_LOAD_LIMITS } from "./domain/intake.ts";
import { DEFAULT_SAGA_POLICY } from "./domain/saga-timing.ts";

const environment = async () => ({
  ORDERS_DATABASE_URL: "postgres://orders:secret@localhost:5432/orders",
  ROUTER_PUBLIC_KEYS: JSON.stringify((await generateSigningKey()).publicJwks),
  NATS_URL: "nats://localhost:4222",
});

it("has a default for all but the database, the router's keys and the bus", async () => {
  expect(parseOrdersConfig(await environment())).toMatchObject({
    host: "127.0.0.1",
    port: 4003,
    nats: { servers: "nats://localhost:4222", replicas: 1 },
    logLevel: "info",
    saga: DEFAULT_SAGA_POLICY,
    deadlinePollMs: 500,
    loadLimits: DEFAULT_LOAD_LIMITS,
  });
});

it("reads durations with their unit", async () => {
  const env = { ...(await environment()), ORDERS_RESERVE_TIMEOUT: "90s", ORDERS_RESERVATION_TTL: "2h" };
  expect(parseOrdersConfig(env).saga).toMatchObject({ reserveTimeoutMs: 90_000, reservationTtlMs: 7_200_000 });
});

it("refuses to let go of the goods before the payment can be through", async () => {
  const env = { ...(await environment()), ORDERS_RESERVATION_TTL: "39m" };
  expect(() => parseOrdersConfig(env)).toThrow(/^ORDERS_RESERVATION_TTL .*ORDERS_RESERVATION_TTL=45m$/);
});

it.each([
  "0s",
  "15",
  "-5m",
  "1d",
  "5 m",
  "m",
])("refuses the duration %j, naming the variable and an example", async (value) => {
  const env = { ...(await environment()), ORDERS_ACTION_TIMEOUT: value };
  expect(() => parseOrdersConfig(env)).toThrow(/^ORDERS_ACTION_TIMEOUT .*ORDERS_ACTION_TIMEOUT=10m$/);
});

it("reads from which load on orders are refused", async () => {
  const env = { ...(await environment()), ORDERS_MAX_OUTBOX_DEPTH: "500", ORDERS_MAX_OUTBOX_AGE: "90s" };
  expect(parseOrdersConfig(env).loadLimits).toEqual({ ...DEFAULT_LOAD_LIMITS, outbox_depth: 500, outbox_age: 90_000 });
});

it.each([
  "ORDERS_MAX_OUTBOX_DEPTH",
  "ORDERS_MAX_CONSUMER_LAG",
  "ORDERS_MAX_PLACING",
])("refuses 0 for %s, which would close the shop", async (variable) => {
  const env = { ...(await environment()), [variable]: "0" };
  expect(() => parseOrdersConfig(env)).toThrow(new RegExp(`^${variable} .*${variable}=\\d+$`));
});

it("refuses a limit of the outbox that is beyond what is counted", async () => {
  const env = { ...(await environment()), ORDERS_MAX_OUTBOX_DEPTH: "50001" };
  expect(() => parseOrdersConfig(env)).toThrow(/^ORDERS_MAX_OUTBOX_DEPTH .*from 1 to 50000/);
});

it("names every variable that is missing at once", () => {
  expect(() => parseOrdersConfig({})).toThrow(/ORDERS_DATABASE_URL.*ROUTER_PUBLIC_KEYS.*NATS_URL/s);
});
