import { CombinedGraphQLErrors } from "@apollo/client";
import { OrderPageDocument, SetCartLineDocument } from "@supergraph/schema/operations";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProcessName, readCatalogue } from "../../scripts/metrics-docs/catalogue.ts";
import { differences } from "../../scripts/metrics-docs/scrape.ts";
import { findVariant, placeOrder, untilStatus } from "./checkout.ts";
import { runService } from "./service-process.ts";
import { type Services, SUBGRAPHS, startServices, WITHOUT_NATS_SERVER } from "./services.ts";

describe.skipIf(WITHOUT_NATS_SERVER)("services as processes of their own (needs nats-server on the PATH)", () => {
  let system: Services;
  let environment: Services["environment"];
  beforeAll(async () => {
    system = await startServices();
    environment = system.environment;
  });
  afterAll(() => system.stop());

  const signIn = (who?: Parameters<Services["signIn"]>[0]) => system.signIn(who);

  it("bring an order to PAID together", async () => {
    const ada = await signIn();
    const id = await placeOrder(ada, { variantId: (await findVariant(ada)).id, token: "tok_approve" });
    await untilStatus(ada, id, "PAID");
  });

  it("accept orders while products and payments are down, and settle them when they return", async () => {
    const ada = await signIn();
    const { id: variantId } = await findVariant(ada);
    await system.process("products").stop();
    await system.process("payments").kill();
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
    await Promise.all([system.start("products"), system.start("payments")]);
    await untilStatus(ada, id, "PAID");
  });

  it("tell that they are ready, and stop cleanly when asked to", async () => {
    const orders = system.process("orders");
    const ready = await fetch(`http://127.0.0.1:${environment.ORDERS_PORT}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await orders.stop()).toMatchObject({ code: 0 });
    await system.start("orders");
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
    for (const name of SUBGRAPHS) {
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
      for (const name of SUBGRAPHS)
        expect(await differ(name, environment[`${name.toUpperCase()}_PORT`]), name).toEqual([]);
      expect(await differ("router", environment.ROUTER_METRICS_PORT)).toEqual([]);
      expect(await differ("sandbox-provider", environment.SANDBOX_PROVIDER_PORT)).toEqual([]);

      const port = Number(environment.ROUTER_PORT);
      const others = { ROUTER_PORT: String(port + 7), ROUTER_METRICS_PORT: String(port + 8), ROUTER_WORKERS: "2" };
      const router = system.run("router", others);
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
      expect(await system.process("orders").stop()).toMatchObject({ code: 0 });
      await system.start("orders");
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
    const failures = system
      .process("router")
      .output()
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
