import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Started {
  readonly process: ChildProcess;
  /** All that it wrote so far, both streams. */
  output(): string;
  /** Resolves with the output once it contains `text`; rejects when the process ends before that. */
  until(text: string): Promise<string>;
  /** Resolves with the exit code and all output. */
  ended(): Promise<{ code: number | null; output: string }>;
}

/** What `npm start` runs in a checkout, this one unless given, without npm: `env` on top of a clean environment. In a process group of its own, as in a terminal. */
export const runStartCommand = (env: Readonly<Record<string, string>>, folder = root): Started =>
  run("embedded/src/main.ts", env, folder);

/** What `npm run reset` runs. */
export const runReset = (env: Readonly<Record<string, string>>): ReturnType<Started["ended"]> =>
  run("embedded/src/reset.ts", env).ended();

const run = (entry: string, env: Readonly<Record<string, string>>, cwd = root): Started => {
  const child = spawn(process.execPath, ["--conditions=supergraph-source", "--import", "tsx", entry], {
    cwd,
    detached: true,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  const exited = once(child, "close").then(([code]) => ({ code: code as number | null, output: text }));
  return {
    process: child,
    output: () => text,
    ended: () => exited,
    until: (expected) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!text.includes(expected)) return;
          listeners.delete(look);
          resolve(text);
        };
        listeners.add(look);
        look();
        void exited.then(() => reject(new Error(`The process ended before it said "${expected}":\n${text}`)));
      }),
  };
};

/** Sends `signal` to the process and all that it started, as Ctrl-C in a terminal does. */
export const signalGroup = ({ process: child }: Started, signal: NodeJS.Signals): void => {
  if (child.pid !== undefined) process.kill(-child.pid, signal);
};
