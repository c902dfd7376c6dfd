import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type HandedSpan, silentLogger } from "@supergraph/service";
import type { CallContext, SubgraphFetch } from "../call.ts";
import { createSubgraphClient, type SubgraphClient, type SubgraphClientOptions } from "../client.ts";
import { SubgraphSettings } from "../settings.ts";

export interface TestSubgraph {
  readonly url: string;
  readonly port: number;
  /** What it was sent, in the order of arrival. */
  readonly received: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  stop(): Promise<void>;
}

/** A bare HTTP server in place of a subgraph; `handle` is called once a request has arrived as a whole. */
export const startTestSubgraph = async (
  handle: (response: ServerResponse, request: IncomingMessage, count: number) => void,
): Promise<TestSubgraph> => {
  const received: TestSubgraph["received"] = [];
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      handle(response, request, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    port,
    received,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export const respond = (
  response: ServerResponse,
  body: string | Buffer,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
};

export const answerTitle = (response: ServerResponse): void => respond(response, `{"data":{"title":"Dune"}}`);

export const query: SubgraphFetch = { body: `{"query":"{ title }"}`, isMutation: false };
export const mutation: SubgraphFetch = { body: `{"query":"mutation { borrow }"}`, isMutation: true };

/** A span whose calls are this span again. */
export const aSpan = (given: Partial<HandedSpan> = {}): HandedSpan => {
  const span: HandedSpan = {
    traceId: "0".repeat(32),
    headers: {},
    isRecorded: true,
    call: () => span,
    child: () => span,
    set: () => undefined,
    end: () => undefined,
    ...given,
  };
  return span;
};

export const aContext = (given: Partial<CallContext> = {}): CallContext => ({
  viewer: null,
  correlationId: "test-1",
  span: aSpan(),
  log: silentLogger(),
  clientHeaders: {},
  ...given,
});

/** A client of `urls` with defaults but for what is given; without pauses before retries. */
export const aClient = (
  urls: readonly string[],
  settings: object = {},
  options: Partial<SubgraphClientOptions> = {},
): SubgraphClient =>
  createSubgraphClient({
    name: "books",
    urls,
    settings: SubgraphSettings.parse(settings),
    signer: null,
    log: silentLogger(),
    random: () => 0,
    ...options,
  });
