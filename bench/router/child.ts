import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";

/** Which core each is held to, so that the gateway never shares its own; null where that cannot be had. */
export interface Cores {
  readonly gateway: string;
  readonly others: string;
}

/** @returns a message instead where processes cannot be held to cores. */
export const splitCores = (): Cores | string => {
  const cores = availableParallelism();
  if (cores < 2) return "Nothing is held to a core, as there is one only: the load takes part of what the gateway has.";
  try {
    execFileSync("taskset", ["--version"], { stdio: "ignore" });
  } catch {
    return "Nothing is held to a core, as there is no taskset: the load may take part of what the gateway has.";
  }
  return { gateway: String(cores - 1), others: cores === 2 ? "0" : `0-${cores - 2}` };
};

/** This process reads what gateways log, and must not do so on their core. */
export const holdThisProcess = ({ others }: Cores): void => {
  execFileSync("taskset", ["--all-tasks", "--pid", "--cpu-list", others, String(process.pid)], { stdio: "ignore" });
};

export interface Child {
  readonly pid: number;
  /** The last that it wrote, for what goes wrong. */
  said(): string;
  running(): boolean;
  /** The next message over IPC after `message` was sent. Rejects when the process ends first. */
  ask<Answer>(message?: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Start {
  /** Of node. */
  readonly args: readonly string[];
  /** Beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** As `taskset -c` takes them. */
  readonly cores: string | null;
  readonly ipc?: boolean;
}

const started = new Set<ChildProcess>();

/** Gateways know nothing of the bench, and would outlive it. */
export const killAllOnExit = (): void => {
  process.once("exit", () => {
    for (const child of started) child.kill("SIGKILL");
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
};

const SAID_CHARACTERS = 4_000;
const STOPS_WITHIN_MS = 5_000;

/** A process of node, of which the pid is its own even where it is held to cores: taskset becomes what it starts. */
export const startNode = ({ args, env, cwd, cores, ipc = false }: Start): Child => {
  const command = [...(cores === null ? [] : ["taskset", "-c", cores]), process.execPath, ...args];
  const child = spawn(command[0] ?? "", command.slice(1), {
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ["ignore", "pipe", "pipe", ...(ipc ? (["ipc"] as const) : [])],
  });
  started.add(child);
  child.once("exit", () => started.delete(child));
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-SAID_CHARACTERS);
    });
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    said: () => said,
    running,
    ask: (message) => nextMessage(child, message, () => said),
    async stop() {
      if (!running()) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOPS_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
};

const nextMessage = <Answer>(child: ChildProcess, message: unknown, said: () => string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const receive = (answer: unknown) => {
      child.off("exit", end);
      resolve(answer as Answer);
    };
    const end = () => {
      child.off("message", receive);
      reject(new Error(`A process of the bench ended.\n${said()}`));
    };
    child.once("message", receive);
    child.once("exit", end);
    if (message !== undefined) child.send(message as object);
  });
