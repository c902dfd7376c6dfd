import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { type Child, startNode } from "./child.ts";

export type GatewayName = "ours" | "apollo" | "hive" | "hive-rust" | "proxy";

/** What a gateway is started with. */
export interface Site {
  readonly supergraphPath: string;
  /** Of our router. */
  readonly configPath: string;
  /** Where a proxy sends everything. */
  readonly subgraphUrl: string;
  readonly port: number;
}

export interface Gateway {
  readonly name: GatewayName;
  readonly title: string;
  /** What was on and what was off, for who reads the results. */
  readonly settings: string;
  /** Of the endpoint. */
  readonly path: string;
  /** A proxy knows no plan. */
  readonly oneFetchOnly: boolean;
  /** In `bench/router/node_modules`; the first is the one whose version is shown. */
  readonly packages: readonly string[];
  start(site: Site): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

export interface RunningGateway {
  readonly gateway: Gateway;
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const HIVE = "node_modules/@graphql-hive/gateway/dist/bin.js";

const hiveArgs = (config: string, { supergraphPath, port }: Site): string[] => [
  here(HIVE),
  "supergraph",
  supergraphPath,
  ...["--config-path", here(`gateways/${config}`), "--host", "127.0.0.1", "--port", String(port)],
];

export const GATEWAYS: readonly Gateway[] = [
  {
    name: "ours",
    title: "this router",
    settings:
      "its defaults: limits, masking of errors, correlation ids, tracing context and metrics are on; no authentication and no signing; authorization is passed on",
    path: "/graphql",
    oneFetchOnly: false,
    packages: [],
    start: ({ supergraphPath, configPath, port }) => ({
      args: [
        here("../../router/dist/main.js"),
        ...["--supergraph", supergraphPath, "--config", configPath, "--port", String(port)],
      ],
      env: {},
    }),
  },
  {
    name: "apollo",
    title: "Apollo Server + @apollo/gateway",
    settings:
      "startStandaloneServer; its defaults; a data source passes authorization on; reports to Apollo are off (APOLLO_TELEMETRY_DISABLED)",
    path: "/",
    oneFetchOnly: false,
    packages: ["@apollo/gateway", "@apollo/server"],
    start: ({ supergraphPath, port }) => ({
      args: [here("gateways/apollo.mjs")],
      env: { SUPERGRAPH_PATH: supergraphPath, PORT: String(port), APOLLO_TELEMETRY_DISABLED: "1" },
    }),
  },
  {
    name: "hive",
    title: "Hive Gateway",
    settings:
      "JIT and deduplication of identical requests in flight on; otherwise its defaults; propagateHeaders passes authorization on",
    path: "/graphql",
    oneFetchOnly: false,
    packages: ["@graphql-hive/gateway"],
    start: (site) => ({ args: hiveArgs("hive.config.mjs", site), env: {} }),
  },
  {
    name: "hive-rust",
    title: "Hive Gateway, Rust planner",
    settings:
      "unifiedGraphHandler of @graphql-hive/router-runtime, deduplication of identical requests in flight on; otherwise its defaults; propagateHeaders passes authorization on",
    path: "/graphql",
    oneFetchOnly: false,
    packages: ["@graphql-hive/router-runtime", "@graphql-hive/gateway"],
    start: (site) => ({ args: hiveArgs("hive-rust.config.mjs", site), env: {} }),
  },
  {
    name: "proxy",
    title: "bare proxy (undici.request)",
    settings: "no GraphQL at all: what comes is sent on to one subgraph",
    path: "/",
    oneFetchOnly: true,
    packages: ["undici"],
    start: ({ subgraphUrl, port }) => ({
      args: [here("gateways/proxy.mjs")],
      env: { SUBGRAPH_URL: subgraphUrl, PORT: String(port) },
    }),
  },
];

/** The same for all of them. */
export const NODE_FLAGS = ["--max-semi-space-size=128"];
const READY_WITHIN_MS = 90_000;

/** @throws Error with what the process wrote, when it ends or does not answer in time. */
export const startGateway = async (
  gateway: Gateway,
  site: Omit<Site, "port">,
  cores: string | null,
): Promise<RunningGateway> => {
  const port = await freePort();
  const { args, env } = gateway.start({ ...site, port });
  const child = startNode({
    args: [...NODE_FLAGS, ...args],
    env: { NODE_ENV: "production", ...env },
    cwd: here("."),
    cores,
  });
  const url = `http://127.0.0.1:${port}${gateway.path}`;
  await untilAnswered(gateway, child, url);
  return { gateway, pid: child.pid, url, stop: () => child.stop() };
};

const untilAnswered = async ({ title }: Gateway, child: Child, url: string): Promise<void> => {
  const until = performance.now() + READY_WITHIN_MS;
  while (child.running() && performance.now() < until) {
    if (await answers(url)) return;
    await pause(100);
  }
  const how = child.running() ? `did not answer within ${READY_WITHIN_MS / 1_000} s` : "ended before it answered";
  await child.stop();
  throw new Error(`${title} ${how}.\n${child.said()}`);
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await post(url, "{ __typename }", "Bearer ready")).status === 200;
  } catch {
    return false;
  }
};

/** One request, as the load sends it. */
export const post = async (
  url: string,
  query: string,
  authorization: string,
): Promise<{ readonly status: number; readonly text: string; readonly bytes: number }> => {
  // Not fetch, which would ask for a compressed answer.
  const { statusCode, body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", authorization },
    body: JSON.stringify({ query }),
  });
  const bytes = Buffer.from(await body.arrayBuffer());
  return { status: statusCode, text: bytes.toString(), bytes: bytes.length };
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
