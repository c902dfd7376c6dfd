import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from "@apollo/client";
import { findNatsServer, startNatsServer } from "@supergraph/messaging/nats-server";
import { startEmbeddedPostgres } from "@supergraph/postgres/embedded";
import { OrderPageDocument, SetCartLineDocument, SignInDocument } from "@supergraph/schema/operations";
import { generateSigningKey } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { generateAccessTokenKeys } from "@supergraph/users/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signIns } from "../../embedded/src/seed/people.ts";
import { seedIfEmpty } from "../../embedded/src/seed/seed.ts";
import { type ProcessName, readCatalogue } from "../../scripts/metrics-docs/catalogue.ts";
import { differences } from "../../scripts/metrics-docs/scrape.ts";
import { findVariant, placeOrder, untilStatus } from "./checkout.ts";
import { runService, type Service } from "./service-process.ts";
import { freePortRange } from "./shop.ts";

const natsServer = findNatsServer();
if (natsServer === null) {
  process.stderr.write(
    "\nNOT TESTED: services as processes of their own, since there is no nats-server on the PATH (Debian: apt install nats-server).\n\n",
  );
}

const NAMES = ["users", "products", "orders", "payments"] as const;

describe.skipIf(natsServer === null)("services as processes of their own (needs nats-server on the PATH)", () => {
  const services = new Map<string, Service>();
  const cleanup: (() => Promise<unknown>)[] = [];
  let environment: Record<string, string>;
  let endpoint: string;

  const start = async (name: string): Promise<void> => {
    const service = runService(name, environment);
    services.set(name, service);
    await service.ready();
  };

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), "supergraph-services-"));
    cleanup.push(() => rm(directory, { recursive: true, force: true }));
    const postgres = await startEmbeddedPostgres({
      directory: join(directory, "postgres"),
      databases: [...NAMES],
      durable: false,
    });
    cleanup.push(() => postgres.stop());
    const nats = await startNatsServer({ directory: join(directory, "nats") });
    cleanup.push(() => nats.stop());
    const port = await freePortRange(9);
    const signing = await generateSigningKey();
    const local = (offset: number) => `http://127.0.0.1:${port + offset}`;
    endpoint = `${local(0)}/graphql`;
    environment = {
      LOG_LEVEL: "info",
      NATS_URL: nats.url,
      ROUTER_PUBLIC_KEYS: JSON.stringify(signing.publicJwks),
      ROUTER_SIGNING_KEY: JSON.stringify(signing.privateJwk),
      ACCESS_TOKEN_KEYS: JSON.stringify(await generateAccessTokenKeys()),
      ROUTER_PORT: String(port),
      ROUTER_METRICS_PORT: String(port + 6),
      SUPERGRAPH_PATH: "schema/supergraph.graphql",
      JWKS_URL: `${local(1)}/.well-known/jwks.json`,
      PSP_URL: local(5),
      PSP_API_KEY: "test-api-key-of-the-sandbox",
      PSP_WEBHOOK_SECRET: "test-webhook-secret-of-the-sandbox",
      SANDBOX_PROVIDER_PORT: String(port + 5),
      SANDBOX_PROVIDER_API_KEY: "test-api-key-of-the-sandbox",
      SANDBOX_PROVIDER_WEBHOOK_SECRET: "test-webhook-secret-of-the-sandbox",
      SANDBOX_PROVIDER_WEBHOOK_URL: `${local(4)}/webhooks/psp`,
      SANDBOX_PROVIDER_DIRECTORY: join(directory, "provider"),
      ...Object.fromEntries(
        NAMES.flatMap((name, index) => [
          [`${name.toUpperCase()}_PORT`, String(port + 1 + index)],
          [`${name.toUpperCase()}_DATABASE_URL`, postgres.urls[name]],
          [`SUBGRAPH_URL_${name.toUpperCase()}`, `${local(1 + index)}/graphql`],
        ]),
      ),
    };
    for (const name of NAMES) expect(await runService(name, environment, "migrate").ended()).toMatchObject({ code: 0 });
    await seedIfEmpty(postgres.urls, join(directory, "provider"), new Date());
    cleanup.push(async () => {
      for (const service of services.values()) await service.stop();
    });
    await Promise.all(["sandbox-provider", ...NAMES, "router"].map(start));
  });
  afterAll(async () => {
    for (const step of cleanup.reverse()) await step();
  });

  const clientOf = (token?: string) =>
    new ApolloClient({
      cache: new InMemoryCache(),
      link: new HttpLink({ uri: endpoint, headers: token ? { authorization: `Bearer ${token}` } : {} }),
      defaultOptions: { query: { fetchPolicy: "no-cache", errorPolicy: "all" } },
    });

  const signIn = async (who: keyof typeof signIns = "customer") => {
    const { email, password } = signIns[who];
    const { data } = await clientOf().mutate({ mutation: SignInDocument, variables: { input: { email, password } } });
    return clientOf(data?.login.accessToken ?? "");
  };

  it("bring an order to PAID together", async () => {
    const ada = await signIn();
    const id = await placeOrder(ada, { variantId: (await findVariant(ada)).id, token: "tok_approve" });
    await untilStatus(ada, id, "PAID");
  });

  it("accept orders while products and payments are down, and settle them when they return", async () => {
    const ada = await signIn();
    const { id: variantId } = await findVariant(ada);
    await services.get("products")?.stop();
    await services.get("payments")?.kill();
    const id = await placeOrder(ada, { variantId, token: "tok_approve" });
    const page = await ada.query({ query: OrderPageDocument, variables: { id } });
    expect(page.data?.order).toMatchObject({
      id,
      status: "PENDING",
      payment: null,
      refunds: null,
      lines: [{ variant: null }],
    });
    // Each dead service costs its own fields, with a code, and tells nobody where it runs.
    expect(JSON.stringify(page.error)).toContain("SUBGRAPH_UNAVAILABLE");
    expect(JSON.stringify(page)).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
    await Promise.all([start("products"), start("payments")]);
    await untilStatus(ada, id, "PAID");
  });

  it("tell that they are ready, and stop cleanly when asked to", async () => {
    const orders = services.get("orders");
    const ready = await fetch(`http://127.0.0.1:${environment.ORDERS_PORT}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await orders?.stop()).toMatchObject({ code: 0 });
    await start("orders");
    const ada = await signIn();
    const id = await placeOrder(ada, { variantId: (await findVariant(ada)).id, token: "tok_approve" });
    await untilStatus(ada, id, "PAID");
  });

  it("tell their numbers, each where nobody from outside gets to", async () => {
    const textOf = async (port: string | undefined): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      expect(response.status).toBe(200);
      return response.text();
    };
    for (const name of NAMES) {
      const text = await textOf(environment[`${name.toUpperCase()}_PORT`]);
      expect(text).toMatch(/^supergraph_relay_leader 1$/m);
      expect(text).toMatch(/^supergraph_outbox_published_total \d+$/m);
      expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
      expect(text).not.toMatch(/^supergraph_scrape_errors_total\{.*\} [1-9]/m);
      expect(text).not.toMatch(/ord_|usr_|@|Bearer|eyJ/);
    }
    const orders = await textOf(environment.ORDERS_PORT);
    const consumer = "orders-products-stock-reserved-v1";
    for (const name of ["pending", "unacknowledged", "redeliveries_total"])
      expect(orders).toMatch(new RegExp(`^supergraph_consumer_${name}\\{consumer="${consumer}"\\} \\d+$`, "m"));
    expect(orders).toContain('supergraph_orders_shed_total{reason="placing"} 0');
    expect(orders).toMatch(/^supergraph_outbox_depth \d+$/m);
    expect(orders).toMatch(/^supergraph_sagas\{state="CAPTURING"\} 0$/m);
    expect(orders).toMatch(/^supergraph_saga_oldest_seconds\{state="COMPENSATING"\} 0$/m);
    const router = await textOf(environment.ROUTER_METRICS_PORT);
    expect(router).toContain('supergraph_subgraph_call_duration_seconds_count{subgraph="orders",outcome="answered"}');
    expect((await fetch(`http://127.0.0.1:${environment.ROUTER_PORT}/metrics`)).status).toBe(404);
    expect(await textOf(environment.SANDBOX_PROVIDER_PORT)).toContain("supergraph_provider_webhooks_undelivered");
  });

  it(
    "tell what the catalogue of metrics says, and nothing else; a router with workers, too",
    {
      timeout: 120_000,
    },
    async () => {
      const catalogue = readCatalogue();
      const differ = async (process: ProcessName, port: string | undefined, hasWorkers = false) =>
        differences(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), { process, hasWorkers, catalogue });
      for (const name of NAMES) expect(await differ(name, environment[`${name.toUpperCase()}_PORT`]), name).toEqual([]);
      expect(await differ("router", environment.ROUTER_METRICS_PORT)).toEqual([]);
      expect(await differ("sandbox-provider", environment.SANDBOX_PROVIDER_PORT)).toEqual([]);

      const port = Number(environment.ROUTER_PORT);
      const others = { ROUTER_PORT: String(port + 7), ROUTER_METRICS_PORT: String(port + 8), ROUTER_WORKERS: "2" };
      const router = runService("router", { ...environment, ...others });
      services.set("router with workers", router);
      await eventually(
        async () => {
          const text = await (await fetch(`http://127.0.0.1:${others.ROUTER_METRICS_PORT}/metrics`)).text();
          expect(text).toContain("\nsupergraph_workers_ready 2\n");
        },
        { timeoutMs: 100_000 },
      );
      expect(await differ("router", others.ROUTER_METRICS_PORT, true)).toEqual([]);
      expect(await router.stop()).toMatchObject({ code: 0 });
    },
  );

  it("stop without leaving clients to wonder what became of a mutation", { timeout: 120_000 }, async () => {
    const ada = await signIn();
    const { id: variantId } = await findVariant(ada);
    let restarted = false;
    const codes: Readonly<Record<string, unknown>>[] = [];
    const answered = Array.from({ length: 8 }, () => 0);
    const customer = async (_: unknown, index: number) => {
      while (!restarted) {
        const { error } = await ada.mutate({
          mutation: SetCartLineDocument,
          variables: { variantId, quantity: 1 },
          errorPolicy: "all",
        });
        if (!error) answered[index] = (answered[index] ?? 0) + 1;
        else if (CombinedGraphQLErrors.is(error)) codes.push(...error.errors.map(({ extensions = {} }) => extensions));
        else throw error;
      }
    };
    const customers = Promise.all(answered.map(customer));
    for (let round = 0; round < 3; round += 1) {
      expect(await services.get("orders")?.stop()).toMatchObject({ code: 0 });
      await start("orders");
      const before = [...answered];
      // All of them are connected again: what connects in the very moment of a stop is nobody's to promise anything.
      await eventually(() => expect(answered.every((count, index) => count > (before[index] ?? 0))).toBe(true));
    }
    restarted = true;
    await customers;
    // Nobody was there for a while, which may be told: as what did nothing and may be tried again.
    const unexpected = codes.filter(
      ({ code, retryable }) =>
        !["SUBGRAPH_UNAVAILABLE", "SUBGRAPH_CIRCUIT_OPEN"].includes(String(code)) || retryable !== true,
    );
    const failures = services
      .get("router")
      ?.output()
      .split("\n")
      .filter((line) => line.includes("call failed"));
    expect(unexpected, failures?.slice(-20).join("\n")).toEqual([]);
  });

  it("refuse to start without what they need, naming the variable and an example", async () => {
    const { ORDERS_DATABASE_URL: _, ...without } = environment;
    const { code, output } = await runService("orders", without).ended();
    expect(code).toBe(1);
    expect(output).toContain("ORDERS_DATABASE_URL is not set");
    expect(output).toContain("Example: ORDERS_DATABASE_URL=postgres://");
  });
});
