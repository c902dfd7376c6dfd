import {
  type BusConfig,
  ConfigError,
  envHost,
  envInteger,
  envJwks,
  envLogLevel,
  envPort,
  envPostgresUrl,
  IDLE_GRACE_MS,
  natsConfig,
  natsVariables,
  parseConfig,
  type SubgraphConfig,
} from "@supergraph/service";
import { z } from "zod";
import { DEFAULT_LOAD_LIMITS, type LoadLimits } from "./domain/intake.ts";
import type { SagaPolicy } from "./domain/saga-model.ts";
import { DEFAULT_SAGA_POLICY } from "./domain/saga-timing.ts";

export interface OrdersConfig extends SubgraphConfig {
  /** How long a checkout waits for what; {@link DEFAULT_SAGA_POLICY} for what is not given. */
  readonly saga?: Partial<SagaPolicy>;
  /** How often passed deadlines are looked for, in milliseconds. 500 unless given. */
  readonly deadlinePollMs?: number;
  /** From which load on orders are refused; {@link DEFAULT_LOAD_LIMITS} for what is not given. */
  readonly loadLimits?: Partial<LoadLimits>;
  /** How often the load is looked at, in milliseconds. 500 unless given. */
  readonly loadSampleMs?: number;
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const DURATION = /^(\d{1,9})(ms|s|m|h)$/;

/** `30s`, `15m`: answers milliseconds. */
const envDuration = (defaultMs: number, example: string) =>
  z
    .string()
    .transform((text, context) => {
      const [, amount, unit] = DURATION.exec(text) ?? [];
      if (amount === undefined || !isUnit(unit) || Number(amount) === 0) {
        context.addIssue({ code: "custom", message: "expected a duration in ms, s, m or h" });
        return z.NEVER;
      }
      return Number(amount) * UNIT_MS[unit];
    })
    .default(defaultMs)
    .meta({ example });

const isUnit = (unit: string | undefined): unit is keyof typeof UNIT_MS => unit !== undefined && unit in UNIT_MS;

/** The outbox is counted no further: a limit beyond would never be reached. */
const MAX_OUTBOX_DEPTH = 50_000;

/** A limit of 0 would close the shop. */
const envLimit = (what: string, defaultLimit: number, max = 1_000_000_000) =>
  envInteger({ what, min: 1, max, example: defaultLimit }).default(defaultLimit);

const Environment = z.object({
  ORDERS_HOST: envHost(),
  ORDERS_PORT: envPort(4003).default(4003).meta({ example: 4003 }),
  ORDERS_DATABASE_URL: envPostgresUrl("orders"),
  ROUTER_PUBLIC_KEYS: envJwks(),
  ...natsVariables,
  LOG_LEVEL: envLogLevel(),
  ORDERS_RESERVE_TIMEOUT: envDuration(DEFAULT_SAGA_POLICY.reserveTimeoutMs, "15m"),
  ORDERS_AUTHORIZE_TIMEOUT: envDuration(DEFAULT_SAGA_POLICY.authorizeTimeoutMs, "15m"),
  ORDERS_ACTION_TIMEOUT: envDuration(DEFAULT_SAGA_POLICY.actionTimeoutMs, "10m"),
  ORDERS_RESERVATION_TTL: envDuration(DEFAULT_SAGA_POLICY.reservationTtlMs, "45m"),
  ORDERS_RESEND_AFTER: envDuration(DEFAULT_SAGA_POLICY.resendAfterMs, "30s"),
  ORDERS_RESEND_AT_MOST: envDuration(DEFAULT_SAGA_POLICY.resendAtMostMs, "1h"),
  ORDERS_ALERT_AFTER: envDuration(DEFAULT_SAGA_POLICY.alertAfterMs, "5m"),
  ORDERS_DEADLINE_POLL: envDuration(500, "500ms"),
  ORDERS_MAX_OUTBOX_DEPTH: envLimit("messages", DEFAULT_LOAD_LIMITS.outbox_depth, MAX_OUTBOX_DEPTH),
  ORDERS_MAX_OUTBOX_AGE: envDuration(DEFAULT_LOAD_LIMITS.outbox_age, "2m"),
  ORDERS_MAX_CONSUMER_LAG: envLimit("messages", DEFAULT_LOAD_LIMITS.consumer_lag),
  ORDERS_MAX_PLACING: envLimit("orders", DEFAULT_LOAD_LIMITS.placing),
  ORDERS_MAX_PLACING_TIME: envDuration(DEFAULT_LOAD_LIMITS.placing_age, "1s"),
  ORDERS_MAX_EVENT_LOOP_DELAY: envDuration(DEFAULT_LOAD_LIMITS.event_loop, "500ms"),
});

/** @throws ConfigError naming every variable that is missing or malformed. */
export const parseOrdersConfig = (env: Readonly<Record<string, string | undefined>>): OrdersConfig & BusConfig => {
  const parsed = parseConfig(Environment, env);
  const longestCheckoutMs =
    parsed.ORDERS_RESERVE_TIMEOUT + parsed.ORDERS_AUTHORIZE_TIMEOUT + parsed.ORDERS_ACTION_TIMEOUT;
  if (parsed.ORDERS_RESERVATION_TTL < longestCheckoutMs)
    throw new ConfigError(
      "ORDERS_RESERVATION_TTL has a value that cannot be used: expected at least ORDERS_RESERVE_TIMEOUT, ORDERS_AUTHORIZE_TIMEOUT and ORDERS_ACTION_TIMEOUT together, or goods are given up while they are being paid. Example: ORDERS_RESERVATION_TTL=45m",
    );
  return {
    host: parsed.ORDERS_HOST,
    port: parsed.ORDERS_PORT,
    databaseUrl: parsed.ORDERS_DATABASE_URL,
    routerPublicKeys: parsed.ROUTER_PUBLIC_KEYS,
    idleGraceMs: IDLE_GRACE_MS,
    nats: natsConfig(parsed),
    maxMessageBytes: parsed.NATS_MAX_MESSAGE_BYTES,
    logLevel: parsed.LOG_LEVEL,
    saga: {
      reserveTimeoutMs: parsed.ORDERS_RESERVE_TIMEOUT,
      authorizeTimeoutMs: parsed.ORDERS_AUTHORIZE_TIMEOUT,
      actionTimeoutMs: parsed.ORDERS_ACTION_TIMEOUT,
      reservationTtlMs: parsed.ORDERS_RESERVATION_TTL,
      resendAfterMs: parsed.ORDERS_RESEND_AFTER,
      resendAtMostMs: parsed.ORDERS_RESEND_AT_MOST,
      alertAfterMs: parsed.ORDERS_ALERT_AFTER,
    },
    deadlinePollMs: parsed.ORDERS_DEADLINE_POLL,
    loadLimits: {
      outbox_depth: parsed.ORDERS_MAX_OUTBOX_DEPTH,
      outbox_age: parsed.ORDERS_MAX_OUTBOX_AGE,
      consumer_lag: parsed.ORDERS_MAX_CONSUMER_LAG,
      placing: parsed.ORDERS_MAX_PLACING,
      placing_age: parsed.ORDERS_MAX_PLACING_TIME,
      event_loop: parsed.ORDERS_MAX_EVENT_LOOP_DELAY,
    },
  };
};
