import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { eventually } from "@supergraph/testing";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

export interface Service {
  /** Resolves once `/health/ready` answers 200; rejects when the process ends before that. */
  ready(): Promise<void>;
  /** SIGTERM, then waits for the end. Safe to repeat. */
  stop(): Promise<Ended>;
  /** SIGKILL, then waits for the end. */
  kill(): Promise<Ended>;
  ended(): Promise<Ended>;
  /** What it has written so far. */
  output(): string;
}

const PORT_VARIABLES: Readonly<Record<string, string>> = {
  router: "ROUTER_PORT",
  "sandbox-provider": "SANDBOX_PROVIDER_PORT",
};

/** A service's `main.ts` (or `migrate.ts`) in a process of its own, with this environment and nothing else. */
export const runService = (name: string, environment: Readonly<Record<string, string>>, entry = "main"): Service => {
  const folder = existsSync(`${root}subgraphs/${name}`) ? `subgraphs/${name}` : name;
  const child: ChildProcess = spawn(
    process.execPath,
    ["--conditions=supergraph-source", "--import", "tsx", `${folder}/src/${entry}.ts`],
    {
      cwd: root,
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  let over = false;
  const ended = once(child, "close").then(([code]): Ended => {
    over = true;
    return { code: code as number | null, output };
  });
  const port = environment[PORT_VARIABLES[name] ?? `${name.toUpperCase()}_PORT`];
  const endBy = (signal: NodeJS.Signals): Promise<Ended> => {
    if (!over) child.kill(signal);
    return ended;
  };
  return {
    ready: () =>
      eventually(
        async () => {
          if (over) throw new Error(`${name} ended before it was ready:\n${output}`);
          const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
          if (answer.status !== 200) throw new Error(`${name} is not ready: ${await answer.text()}`);
        },
        { timeoutMs: 60_000 },
      ),
    stop: () => endBy("SIGTERM"),
    kill: () => endBy("SIGKILL"),
    ended: () => ended,
    output: () => output,
  };
};
