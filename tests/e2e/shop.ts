import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SignInDocument } from "@supergraph/schema/operations";
import { layout } from "../../embedded/src/layout.ts";
import { createProgress } from "../../embedded/src/progress.ts";
import { signIns } from "../../embedded/src/seed/people.ts";
import { PORTS_AFTER_ROUTER, type SubgraphName } from "../../embedded/src/subgraphs.ts";
import { type EmbeddedSupergraph, startEmbeddedSupergraph } from "../../embedded/src/supergraph.ts";

declare module "@apollo/client" {
  namespace ApolloClient {
    namespace DeclareDefaultOptions {
      interface Query {
        errorPolicy?: "all" | "none";
      }
      interface Mutate {
        errorPolicy?: "all" | "none";
      }
    }
  }
}

export interface Shop {
  readonly supergraph: EmbeddedSupergraph;
  readonly endpoint: string;
  /** Path of what the sandbox provider has on record. */
  readonly providerJournal: string;
  /** A client as a frontend would make it; a guest's unless signed in. */
  client(accessToken?: string): ApolloClient;
  signIn(who: keyof typeof signIns): Promise<ApolloClient>;
  accessToken(who: keyof typeof signIns): Promise<string>;
  stop(): Promise<void>;
}

const silent = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** The whole supergraph as `npm start` runs it, on a folder and ports of its own. */
export const startShop = async (options: {
  bus: "nats" | "in-process";
  onQuery?: (subgraph: SubgraphName, sql: string) => void;
}): Promise<Shop> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), "supergraph-e2e-"));
  const supergraph = await startEmbeddedSupergraph(
    {
      host: "127.0.0.1",
      port: await freePortRange(1 + PORTS_AFTER_ROUTER),
      dataDirectory,
      logLevel: "silent",
      bus: options.bus,
    },
    createProgress(silent()),
    options.onQuery ? { onQuery: options.onQuery } : {},
  );
  const { endpoint } = supergraph;
  const client = (accessToken?: string) => makeClient(endpoint, accessToken);
  const accessToken = async (who: keyof typeof signIns): Promise<string> => {
    const { email, password } = signIns[who];
    const { data } = await client().mutate({ mutation: SignInDocument, variables: { input: { email, password } } });
    const token = data?.login.accessToken;
    if (!token) throw new Error(`Could not sign in as ${who}: ${JSON.stringify(data?.login.userErrors)}`);
    return token;
  };
  return {
    supergraph,
    endpoint,
    providerJournal: join(layout(dataDirectory).provider, "journal.jsonl"),
    client,
    accessToken,
    signIn: async (who) => client(await accessToken(who)),
    async stop() {
      await supergraph.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
};

const makeClient = (uri: string, accessToken?: string): ApolloClient =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      new HttpLink({ uri, headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` } }),
    ]),
    defaultOptions: {
      query: { fetchPolicy: "no-cache", errorPolicy: "all" },
      mutate: { fetchPolicy: "no-cache", errorPolicy: "all" },
    },
  });

/**
 * The first of `count` consecutive ports that nobody listens on now, below those that the system gives out by itself.
 * Test files that run side by side look in ranges of their own, so that none takes what another has just found.
 */
export const freePortRange = async (count: number): Promise<number> => {
  const rangeStart = 20_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 10) * 1_200;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = randomInt(rangeStart, rangeStart + 1_200 - count);
    const free = await Promise.all(Array.from({ length: count }, (_, offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`Found no ${count} consecutive free ports.`);
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
