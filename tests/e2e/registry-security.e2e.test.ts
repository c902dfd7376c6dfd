import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeArtifact, type Live, type LiveOptions, openLive } from "@supergraph/registry/live";
import { silentLogger } from "@supergraph/service";
import { eventually, WITHOUT_NATS } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuthority, hasOpenssl } from "../../packages/messaging/src/nats/testing/certificates.ts";
import {
  jetStream,
  type NatsNode,
  type NatsNodes,
  natsNodes,
} from "../../packages/messaging/src/nats/testing/nats-nodes.ts";
import { createOperatorMode } from "../../packages/messaging/src/nats/testing/operator.ts";
import { findNatsServer } from "../../packages/messaging/src/nats-server.ts";
import { type Router, type RouterConfig, startRouter } from "../../router/src/server.ts";
import { compose } from "../../router/src/testing/library.ts";

const SUPERGRAPH = compose({
  words: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"]) type Query { word: String }`,
});
const without = findNatsServer() === null ? ` (${WITHOUT_NATS})` : "";
const withoutOpenssl = hasOpenssl() ? without : " (NOT TESTED: no openssl on the PATH)";

type RegistryConfig = NonNullable<RouterConfig["supergraph"]["registry"]>;

describe.skipIf(without !== "")(`a registry that not everybody may use${without}`, () => {
  let nodes: NatsNodes;
  const cleanup: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    nodes = await natsNodes();
    cleanup.push(() => nodes.stop());
  });
  afterEach(async () => {
    for (const step of cleanup.splice(0).reverse()) await step();
  });

  const startNode = (config: string): Promise<NatsNode> =>
    nodes.start({ name: "n1", config: `${jetStream(nodes, "n1")}${config}` });

  const publish = async (options: Pick<LiveOptions, "url" | "credentialsFile" | "tls">): Promise<Live> => {
    const publisher = await openLive({ ...options, name: "schema", role: "publisher", log: silentLogger() });
    cleanup.push(() => publisher.close());
    const { hash, bytes } = await encodeArtifact({ subgraphs: [], supergraphSdl: SUPERGRAPH, events: null });
    await publisher.keepArtifact(hash, bytes);
    const at = new Date().toISOString();
    const next = { environment: "production", version: 1, artifact: hash, at, by: "ada" };
    expect(await publisher.move(next, null)).toBe("moved");
    return publisher;
  };

  const start = async (registry: Omit<RegistryConfig, "environment">): Promise<Router> => {
    const router = await startRouter(
      {
        server: { port: 0, drainMs: 500 },
        planning: { thread: false },
        supergraph: { registry: { ...registry, environment: "production" } },
      },
      { log: silentLogger() },
    );
    cleanup.push(() => router.stop());
    return router;
  };

  /** What is published is served, and the publisher hears of it. */
  const expectToServe = async (router: Router, publisher: Live): Promise<void> => {
    const query = new URLSearchParams({ query: "{ __typename }" });
    const answer = await fetch(`${router.url}/graphql?${query}`, { headers: { "apollo-require-preflight": "yes" } });
    expect(await answer.json()).toEqual({ data: { __typename: "Query" } });
    const outcomes: string[] = [];
    const stop = await publisher.watchReports("production", (reports) => {
      outcomes.splice(0, outcomes.length, ...reports.map(({ version, outcome }) => `${version} ${outcome}`));
    });
    cleanup.push(async () => stop());
    await eventually(() => expect(outcomes).toEqual(["1 serving"]));
  };

  it("is used by whom the operator's account vouches for, with a credentials file", async () => {
    const operator = await createOperatorMode();
    const { port } = await startNode(operator.config);
    const url = `nats://127.0.0.1:${port}`;
    const credentialsFile = join(nodes.directory, "router.creds");
    await writeFile(credentialsFile, await operator.credentials("router"));
    const publisher = await publish({ url, credentialsFile });
    await expectToServe(await start({ url, credentialsFile }), publisher);

    const stranger = join(nodes.directory, "stranger.creds");
    await writeFile(stranger, await operator.foreignCredentials());
    await expect(start({ url, credentialsFile: stranger })).rejects.toThrow(/refused/);
  });

  it("needs no more rights of a router than docs/registry.md says", async () => {
    const docs = await readFile(new URL("../../docs/registry.md", import.meta.url), "utf8");
    const permissions = /^user: router\n(permissions: \{[\s\S]*?\n\})\n```/m.exec(docs)?.[1];
    if (permissions === undefined) throw new Error("docs/registry.md tells no permissions of routers.");
    const { port, log } = await startNode(`authorization { users: [
      { user: publisher, password: publisher }
      { user: router, password: router, ${permissions} }
    ] }\n`);
    const publisher = await publish({ url: `nats://publisher:publisher@127.0.0.1:${port}` });
    const router = await start({ url: `nats://router:router@127.0.0.1:${port}` });
    await expectToServe(router, publisher);
    await router.stop();
    expect(await log()).not.toMatch(/violation/i);
  });

  describe.skipIf(withoutOpenssl !== "")(`over TLS${withoutOpenssl}`, () => {
    it("is used by whoever shows a certificate of its authority, and believes no other broker", async () => {
      const authority = await createAuthority(nodes.directory, "authority");
      const server = await authority.issue("server", "IP:127.0.0.1,DNS:localhost");
      const client = await authority.issue("router", "DNS:router");
      const { caFile } = authority;
      const files = `cert_file: "${server.certFile}", key_file: "${server.keyFile}", ca_file: "${caFile}"`;
      const { port } = await startNode(`tls { ${files}, verify: true }\n`);
      const url = `tls://127.0.0.1:${port}`;
      const publisher = await publish({ url, tls: { caFile, ...client } });
      await expectToServe(await start({ url, caFile, ...client }), publisher);

      await expect(start({ url, caFile })).rejects.toThrow(/certificate/i);
      const other = await createAuthority(nodes.directory, "other");
      await expect(start({ url, caFile: other.caFile, ...client })).rejects.toThrow(/certificate/i);
    });
  });
});
