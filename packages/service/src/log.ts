import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from "pino";
import { currentTraceId } from "./tracing.ts";

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

const REDACTED = { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[redacted]" };

export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** False for lines of one shape that holds nothing secret, where looking for it would be most of their cost: true unless given. */
  readonly redacts?: boolean;
}

/**
 * JSON lines on stdout with `service`, and the `traceId` of what is under way; secrets are redacted by name, and errors
 * lose the values of their queries. A line is written when its call returns: the last ones before an exit would overtake
 * those that are still being written in the background.
 */
export const createLogger = (
  { service, level, redacts = true }: LoggerOptions,
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger =>
  pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: errorForLog },
      mixin() {
        const traceId = currentTraceId();
        return traceId === undefined ? {} : { traceId };
      },
      ...(redacts ? { redact: REDACTED } : {}),
    },
    destination,
  );

/** A page of memory: what a pipe takes as a whole, so that lines of others cannot come in between. */
const PAGE_BYTES = 4_096;

/**
 * Stdout for lines of which there are thousands a second, each of little weight: they are written by the half page, the last
 * ones after 100 ms or when the process exits. One that is killed loses them.
 */
export const pagedOutput = (): DestinationStream => {
  const output = pino.destination({
    dest: 1,
    sync: true,
    minLength: PAGE_BYTES / 2,
    maxWrite: PAGE_BYTES,
    periodicFlush: 100,
  });
  process.once("exit", () => output.flushSync());
  return output;
};

/**
 * An error as it is logged, causes included. A failed query is told without its parameters: they are e-mails, password
 * hashes and whatever else was to be stored, and Drizzle writes them into its message.
 */
export const errorForLog = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const {
    params: _params,
    detail: _detail,
    where: _where,
    aggregateErrors: _errors,
    ...described
  } = stdSerializers.err(error);
  const parameters: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if ("params" in cause) parameters.push(`\nparams: ${String(cause.params)}`);
  const withoutParameters = (text: string) => parameters.reduce((rest, found) => rest.replaceAll(found, ""), text);
  return {
    ...described,
    message: withoutParameters(described.message),
    stack: withoutParameters(described.stack),
    ...(error instanceof AggregateError ? { errors: error.errors.map(errorForLog) } : {}),
  };
};

export const silentLogger = (): Logger => pino({ level: "silent" });
