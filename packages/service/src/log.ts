import { type Logger, pino, stdTimeFunctions } from "pino";

export type { Logger };

/** Paths that may hold a secret or personal data, at any of the depths that our log lines have. */
const SECRETS = [
  "authorization",
  "cookie",
  "password",
  "token",
  "accessToken",
  "refreshToken",
  "paymentMethodToken",
  "privateKey",
  "email",
];

/** JSON lines on stdout with `service`; secrets are redacted by name. */
export const createLogger = (options: { service: string; level: string }): Logger =>
  pino({
    level: options.level,
    base: { service: options.service },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[redacted]" },
  });

export const silentLogger = (): Logger => pino({ level: "silent" });
