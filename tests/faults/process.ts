import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Faults } from "@supergraph/failpoints";
import { eventually } from "@supergraph/testing";
import { builtEntry } from "./build.ts";
import type { Ended, ManagedService, ServiceName } from "./model.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** As an orchestrator does it: at once, then ever later while it keeps dying. */
const RESTART_AFTER_MS = { first: 100, max: 3_000 };
/** Who has lived this long starts over with the first pause. */
const HEALTHY_AFTER_MS = 5_000;
const READY_WITHIN_MS = 120_000;
/** Services promise to end within 10 s. */
const ENDS_WITHIN_MS = 20_000;
const SHOWN_LINES = 15;

export interface ServiceSettings {
  readonly name: ServiceName;
  readonly copy: number;
  /** Below the root of the repository. */
  readonly folder: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Of every start, whatever a row adds. */
  readonly faults: Faults;
}

export interface SupervisedService extends ManagedService {
  /** SIGKILL at once, without a restart: for when this process ends. */
  abandon(): void;
  /** Whether it runs, or will by itself, with the faults and variables of every start and no others. */
  readonly asMeant: boolean;
}

/** A service's `main.ts`, as {@link buildServices} built it, in processes of its own, one after another, as an orchestrator would run them. It runs after `start`. */
export const createService = (settings: ServiceSettings): SupervisedService => {
  const { name, copy, logFile } = settings;
  const origin = `http://127.0.0.1:${settings.port}`;
  let child: ChildProcess | undefined;
  let ended: Promise<Ended> = Promise.resolve({ code: null, signal: null });
  let held = true;
  let starts = 0;
  let deaths = 0;
  let faults = settings.faults;
  let variables: Readonly<Record<string, string>> = {};
  let restart: NodeJS.Timeout | undefined;

  const spawnNow = (): void => {
    clearTimeout(restart);
    restart = undefined;
    starts += 1;
    const log = openSync(logFile, "a");
    const startedAt = performance.now();
    const spawned = spawnService(settings, { ...settings.environment, ...variables }, faults, log);
    closeSync(log);
    child = spawned;
    ended = once(spawned, "exit").then(([code, signal]: (number | NodeJS.Signals | null)[]): Ended => {
      child = undefined;
      const end = { code: typeof code === "number" ? code : null, signal: typeof signal === "string" ? signal : null };
      if (!held) {
        deaths = performance.now() - startedAt > HEALTHY_AFTER_MS ? 0 : deaths + 1;
        // It has died of it, and an orchestrator does not know of failpoints.
        const { kill: _, ...lasting } = faults;
        faults = lasting;
        restart = setTimeout(spawnNow, Math.min(RESTART_AFTER_MS.max, RESTART_AFTER_MS.first * 2 ** deaths));
      }
      return end;
    });
  };
  const endBy = async (signal: NodeJS.Signals): Promise<Ended> => {
    child?.kill(signal);
    return await ended;
  };
  const stop = async (): Promise<Ended> => {
    held = true;
    clearTimeout(restart);
    // A paused process would not take it.
    child?.kill("SIGCONT");
    const late = new AbortController();
    const killLate = pause(ENDS_WITHIN_MS, undefined, { signal: late.signal }).then(
      () => child?.kill("SIGKILL"),
      () => undefined,
    );
    const end = await endBy("SIGTERM");
    late.abort();
    await killLate;
    return end;
  };
  const ready = (): Promise<void> =>
    eventually(
      async () => {
        const answer = await fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(10_000) });
        const text = await answer.text();
        if (answer.status !== 200) throw new Error(`${name} is not ready: ${text}`);
      },
      { timeoutMs: READY_WITHIN_MS },
    ).catch(async (error: unknown) => {
      throw new Error(`${name} was not ready within ${READY_WITHIN_MS / 1000} s.\n${await lastLines(logFile)}`, {
        cause: error,
      });
    });
  const launch = async (added: Faults = {}, addedVariables: Readonly<Record<string, string>> = {}): Promise<void> => {
    if (child || restart) await stop();
    faults = { ...settings.faults, ...added };
    variables = addedVariables;
    held = false;
    deaths = 0;
    spawnNow();
  };

  return {
    name,
    copy,
    origin,
    logFile,
    get pid() {
      return child?.pid;
    },
    get starts() {
      return starts;
    },
    get asMeant() {
      const hasOwnAlone = Object.keys(variables).length === 0;
      return !held && hasOwnAlone && JSON.stringify(faults) === JSON.stringify(settings.faults);
    },
    kill: () => endBy("SIGKILL"),
    killAndHold() {
      held = true;
      clearTimeout(restart);
      restart = undefined;
      return endBy("SIGKILL");
    },
    stop,
    launch,
    async start(added, addedVariables) {
      await launch(added, addedVariables);
      await ready();
    },
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    ready,
    ended: () => ended,
    abandon() {
      held = true;
      clearTimeout(restart);
      child?.kill("SIGKILL");
    },
  };
};

const spawnService = (
  { folder }: ServiceSettings,
  environment: Readonly<Record<string, string>>,
  faults: Faults,
  log: number,
): ChildProcess =>
  spawn(process.execPath, [builtEntry(folder)], {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      ...environment,
      SUPERGRAPH_FAULTS: JSON.stringify(faults),
    },
    stdio: ["ignore", log, log],
    // In a session of its own: Ctrl-C is for this program, which stops everything in order.
    detached: true,
  });

const lastLines = async (file: string): Promise<string> => {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.trimEnd().split("\n").slice(-SHOWN_LINES);
  return `${file} ends with:\n${lines.join("\n")}`;
};
