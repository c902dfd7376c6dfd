import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "@supergraph/testing";
import { onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

interface LogLine {
  readonly msg: string;
  readonly port?: number;
  readonly pid?: number;
  readonly generation?: number;
}

/** The router as a process of its own, with this command line and environment and nothing else. Killed when the test ends. */
export const runRouter = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const flags = ["--conditions=supergraph-source", "--import", "tsx"];
  const child = spawn(process.execPath, [...flags, "router/src/main.ts", ...argv], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });

  const lines = (): LogLine[] =>
    stdout
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as LogLine);
  return {
    ended,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    logged: (msg: string) => lines().filter((line) => line.msg === msg),
    /** Waits until it was logged so often. */
    told: (msg: string, times = 1) =>
      eventually(
        () => {
          const found = lines().filter((line) => line.msg === msg);
          if (found.length < times) throw new Error(`"${msg}" was logged ${found.length} times:\n${stdout}${stderr}`);
          return found;
        },
        { timeoutMs: 60_000 },
      ),
  };
};
