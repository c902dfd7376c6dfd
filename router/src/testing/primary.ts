import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "@supergraph/testing";
import { expect, onTestFinished } from "vitest";
import type { WorkersOptions } from "../workers.ts";
import type { Behaviour } from "./workers-main.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

interface Line {
  readonly service: string;
  readonly msg: string;
  readonly pid?: number;
  readonly worker?: number;
  readonly port?: number;
}

interface PrimaryOptions {
  readonly behaviour?: Behaviour;
  /** `onTestFinished` unless given. */
  readonly atEnd?: (step: () => Promise<void>) => void;
}

/**
 * A primary with its workers in a process group of their own, as a terminal would start them. What is left of them is
 * killed in the end.
 */
export const runPrimary = async (
  options: Omit<WorkersOptions, "log">,
  { behaviour = "works", atEnd = onTestFinished }: PrimaryOptions = {},
) => {
  const directory = await mkdtemp(join(tmpdir(), "workers-"));
  atEnd(() => rm(directory, { recursive: true }));
  const file = join(directory, "behaviour");
  const behave = (next: Behaviour) => writeFile(file, next);
  await behave(behaviour);
  const main = "router/src/testing/workers-main.ts";
  const flags = ["--conditions=supergraph-source", "--import", "tsx"];
  const primary: ChildProcess = spawn(process.execPath, [...flags, main, JSON.stringify(options), file], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid = 0 } = primary;
  let output = "";
  let complaints = "";
  primary.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  primary.stderr?.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  // Also that of all workers, who have the same standard output.
  const ended = once(primary, "close").then(([code]) => code as number | null);
  const isOver = once(primary, "exit");
  atEnd(async () => {
    if (isAlive(-pid)) process.kill(-pid, "SIGKILL");
    await isOver;
  });

  const lines = () =>
    output
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  const logged = (msg: string) => lines().filter((line) => line.msg === msg);
  /** Waits until it was logged so often. */
  const told = (msg: string, times = 1) =>
    eventually(
      () => {
        expect(logged(msg).length, `${msg}\n${output}${complaints}`).toBeGreaterThanOrEqual(times);
        return logged(msg);
      },
      { timeoutMs: 30_000 },
    );
  return {
    pid,
    ended,
    behave,
    logged,
    told,
    complaints: () => complaints,
    signal: (name: NodeJS.Signals) => void process.kill(pid, name),
    /** To the primary and its workers, as by Ctrl+C. */
    signalAll: (name: NodeJS.Signals) => void process.kill(-pid, name),
    async origin() {
      const [line] = await told("listens");
      return `http://127.0.0.1:${line?.port}`;
    },
    /** Of all workers that have answered so far, in this order. */
    workers: () => logged("a worker answers").map((line) => line.pid ?? 0),
  };
};

/** Not of one whose parent has gone: nobody may have taken note of its end. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
