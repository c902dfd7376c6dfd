import { fileURLToPath } from "node:url";
import { type Child, startNode } from "../router/child.ts";

export interface Gateway {
  readonly name: string;
  readonly title: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

export const GATEWAYS: readonly Gateway[] = [
  {
    name: "thread",
    title: "this router",
    program: "ours.mjs",
    env: { PLANNING_THREAD: "true" },
  },
  {
    name: "no-thread",
    title: "this router, planning.thread: false",
    program: "ours.mjs",
    env: { PLANNING_THREAD: "false" },
  },
  {
    name: "apollo",
    title: "Apollo Server + @apollo/gateway",
    program: "apollo.mjs",
    env: { APOLLO_TELEMETRY_DISABLED: "1" },
  },
];

export interface RunningGateway {
  readonly url: string;
  readonly pid: number;
  /** Resolves once the supergraph of this file serves, with the milliseconds that it took. */
  reload(path: string): Promise<number>;
  /** Begins to measure. */
  resetDelay(): Promise<void>;
  /** The longest time in milliseconds since then for which its event loop did nothing else. */
  longestDelay(): Promise<number>;
  stop(): Promise<void>;
}

/** @throws Error with what the process wrote when it ends instead. */
export const startGateway = async (
  { program, env }: Gateway,
  supergraphPath: string,
  nodeFlags: readonly string[],
): Promise<RunningGateway> => {
  const child: Child = startNode({
    args: [...nodeFlags, fileURLToPath(new URL(`gateways/${program}`, import.meta.url))],
    env: { NODE_ENV: "production", SUPERGRAPH_PATH: supergraphPath, ...env },
    cores: null,
    ipc: true,
  });
  const { url } = await child.ask<{ url: string }>();
  const order = async (what: string): Promise<number> => (await child.ask<{ ms: number }>({ order: what })).ms;
  return {
    url,
    pid: child.pid,
    reload: order,
    async resetDelay() {
      await order("reset");
    },
    longestDelay: () => order("read"),
    stop: () => child.stop(),
  };
};
