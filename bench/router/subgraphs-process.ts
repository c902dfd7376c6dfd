import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createSubgraphExecutors, type SubgraphName } from "../federation-graph.ts";

/**
 * All subgraphs in one process that costs as little as it can, so that it is never what is measured: an answer is found by
 * the bytes of its request, and executed for real the first time only. Gateways word their fetches differently, so each
 * is recorded as it comes. Told over IPC: `{ port }` once it listens, and `SubgraphCounters` whenever it is asked `"counters"`.
 */
export interface SubgraphCounters {
  readonly calls: number;
  /** Calls that were executed: hardly any of them should fall into what is measured. */
  readonly misses: number;
  /** Of the last call. */
  readonly authorization: string | null;
}

const executors = createSubgraphExecutors();
const recorded = new Map<string, Buffer>();
let calls = 0;
let misses = 0;
let authorization: string | null = null;

const answer = (response: ServerResponse, body: Buffer): void => {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
};

const execute = async (response: ServerResponse, subgraph: string, text: string): Promise<void> => {
  misses += 1;
  try {
    const { query, variables } = JSON.parse(text) as { query: string; variables?: object };
    const body = Buffer.from(await executors[subgraph as SubgraphName](query, variables ?? {}));
    recorded.set(`/${subgraph}${text}`, body);
    answer(response, body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
};

const receive = (request: IncomingMessage, response: ServerResponse): void => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    calls += 1;
    authorization = request.headers.authorization ?? null;
    const text = chunks.length === 1 && chunks[0] ? chunks[0].toString() : Buffer.concat(chunks).toString();
    const known = recorded.get(`${request.url}${text}`);
    if (known) answer(response, known);
    else void execute(response, request.url?.slice(1) ?? "", text);
  });
};

const server = createServer(receive);
// Gateways keep their connections as long as they like: one that is closed in mid-request would be this server's fault.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on("message", (message) => {
  if (message === "counters") process.send?.({ calls, misses, authorization } satisfies SubgraphCounters);
});
process.on("disconnect", () => process.exit(0));
