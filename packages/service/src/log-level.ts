import { z } from "zod";
import { LOG_LEVELS, type LogLevel } from "./config.ts";
import { errorResponse, type HttpRequest, type HttpResponse, json, parseJson, type Route } from "./http.ts";
import type { Logger } from "./log.ts";

/** What decides, while a process runs, how much it logs. */
export interface LogLevelSwitch {
  /** `/log-level`: tells and changes it, for who is on this machine alone. */
  readonly routes: readonly Route[];
  /** Null where it is as it was configured. */
  changed(): LogLevel | null;
  /** Does as somebody else's switch does; null for as configured. */
  follow(level: LogLevel | null): void;
  stop(): void;
}

export interface LogLevelOptions {
  /** All that have the level; children that are made later have it, too. The first tells of changes. */
  readonly loggers: readonly [Logger, ...Logger[]];
  /** Called after each change, null for the return to what was configured. */
  readonly onChange?: (level: LogLevel | null) => void;
}

/** A level that somebody raised to look at something, and forgot, would fill disks for ever. */
const DEFAULT_SECONDS = 900;
const MAX_SECONDS = 86_400;

const Change = z.strictObject({
  level: z.enum(LOG_LEVELS, `level: expected one of ${LOG_LEVELS.join(", ")}`),
  seconds: z
    .int(`seconds: expected a whole number from 1 to ${MAX_SECONDS}`)
    .min(1)
    .max(MAX_SECONDS, `seconds: expected a whole number from 1 to ${MAX_SECONDS}`)
    .default(DEFAULT_SECONDS),
});

/** Changes last for a time, and then it is as configured again. */
export const createLogLevelSwitch = ({ loggers, onChange }: LogLevelOptions): LogLevelSwitch => {
  const [log] = loggers;
  const configured = loggers.map(({ level }) => level);
  let now: LogLevel | null = null;
  let until: Date | null = null;
  let end: NodeJS.Timeout | undefined;

  const follow = (level: LogLevel | null): void => {
    now = level;
    loggers.forEach((logger, index) => {
      logger.level = level ?? configured[index] ?? "info";
    });
    onChange?.(level);
  };

  const change = (level: LogLevel | null, seconds: number): void => {
    clearTimeout(end);
    const tell = () => log.warn({ logLevel: level ?? configured[0], seconds }, "the log level is changed");
    // At whichever of the two levels shows it.
    const isTold = log.isLevelEnabled("warn");
    if (isTold) tell();
    until = level === null ? null : new Date(Date.now() + seconds * 1_000);
    follow(level);
    if (!isTold) tell();
    if (level !== null) end = setTimeout(() => change(null, 0), seconds * 1_000).unref();
  };

  const state = () => ({ level: now ?? configured[0], configured: configured[0], until });

  const answer = (request: HttpRequest): HttpResponse => {
    if (!request.isLocal())
      return errorResponse(403, "FORBIDDEN", "The log level is asked for and changed on the machine itself only.");
    if (request.method !== "POST") return json(200, state());
    // Anything else a browser would send for a page that it shows.
    if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
      return errorResponse(415, "BAD_REQUEST", "Expected a body of the type application/json.");
    const asked = Change.safeParse(parseJson(request.body));
    if (!asked.success) {
      const problems = asked.error.issues.map(({ message }) => message).join("; ");
      return errorResponse(400, "BAD_REQUEST", `${problems}. Example: {"level":"debug","seconds":900}`);
    }
    const { level, seconds } = asked.data;
    change(level === configured[0] ? null : level, seconds);
    return json(200, state());
  };

  const route = (method: "GET" | "POST"): Route => ({
    method,
    path: "/log-level",
    handle: async (request) => answer(request),
  });
  return {
    routes: [route("GET"), route("POST")],
    changed: () => now,
    follow,
    stop: () => clearTimeout(end),
  };
};
