import { randomUUID } from "node:crypto";
import { PlaceOrderDocument } from "@supergraph/schema/operations";
import { eventually } from "@supergraph/testing";
import { print } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { signIns } from "../../embedded/src/seed/people.ts";
import {
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from "../../packages/service/src/testing/otlp-receiver.ts";
import { problemOf } from "../log-lines.ts";
import { fillCart, findVariant, STOCKHOLM } from "./checkout.ts";
import { DECLINED_TREE, PURCHASE_TREE } from "./checkout-traces.ts";
import { type Services, startServices, WITHOUT_NATS_SERVER } from "./services.ts";
import { type Branch, draw, told, treeOf } from "./trace-tree.ts";

const CALLER = "00f067aa0ba902b7";
const PURCHASE = "4bf92f3577b34da6a3ce929d0e0e4736";
const DECLINED = "5bf92f3577b34da6a3ce929d0e0e4736";
const LOGGED = "6bf92f3577b34da6a3ce929d0e0e4736";
/** Of the customer who buys here. */
const PERSONAL = [signIns.customer.email, signIns.customer.password, STOCKHOLM.line1, STOCKHOLM.postalCode];

const Placed = z.object({ data: z.object({ placeOrder: z.object({ order: z.object({ id: z.string() }) }) }) });

describe.skipIf(WITHOUT_NATS_SERVER)("services that are watched (needs nats-server on the PATH)", () => {
  let collector: OtlpReceiver;
  let system: Services;
  beforeAll(async () => {
    collector = await startOtlpReceiver();
    system = await startServices({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    });
  });
  afterAll(async () => {
    await system?.stop();
    await collector?.stop();
  });

  const databaseOf = (subgraph: string): string =>
    new URL(system.environment[`${subgraph.toUpperCase()}_DATABASE_URL`] ?? "").pathname.slice(1);

  const buy = async (traceId: string, paymentMethodToken: string): Promise<string> => {
    const token = await system.accessToken();
    const customer = await system.signIn();
    const { id: variantId } = await findVariant(customer);
    const expectedTotal = await fillCart(customer, variantId);
    const response = await fetch(system.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${token}`,
        traceparent: `00-${traceId}-${CALLER}-01`,
      },
      body: JSON.stringify({
        query: print(PlaceOrderDocument),
        variables: {
          input: { idempotencyKey: randomUUID(), paymentMethodToken, expectedTotal, shippingAddress: STOCKHOLM },
        },
      }),
    });
    return Placed.parse(await response.json()).data.placeOrder.order.id;
  };

  /** What the collector has of the trace; where spans hang in the air, it has not got all of them yet. */
  const traceOf = (traceId: string) => {
    const spans = collector.spans().filter((span) => span.traceId === traceId);
    const { branches, lost } = treeOf(spans, CALLER);
    expect(lost.map(told)).toEqual([]);
    return { spans, branches, drawn: `\n${draw(branches, isDetail).join("\n")}\n` };
  };
  const untilDrawn = (traceId: string, expected: string) =>
    eventually(() => expect(traceOf(traceId).drawn).toBe(expected), { timeoutMs: 20_000 });

  describe("tell as one trace", () => {
    it("of a purchase, from the client's request to the last step of its saga", async () => {
      await buy(PURCHASE, "tok_approve");
      await untilDrawn(PURCHASE, PURCHASE_TREE);
      const names = new Set(traceOf(PURCHASE).branches.flatMap(({ below }) => below.map(({ span }) => told(span))));
      for (const part of ["parse", "validate", "plan"]) expect(names).toContain(`router INTERNAL graphql.${part}`);
    });

    it("of a declined payment, with what was undone", async () => {
      await buy(DECLINED, "tok_decline_insufficient_funds");
      await untilDrawn(DECLINED, DECLINED_TREE);
    });

    it("down to the database: every statement of a service in a span of what it was run for", () => {
      const { spans, branches } = traceOf(PURCHASE);
      const statements = spans.filter(isStatement);
      for (const { attributes, resource } of statements)
        expect(attributes["db.namespace"]).toBe(databaseOf(String(resource["service.name"])));
      // What a consumer does is recorded as done, done, and told of in one transaction.
      const transactions = all(branches).filter(({ span }) => span.name === "transaction");
      for (const { span, below } of transactions)
        expect(
          below.some((one) => isStatement(one.span)),
          told(span),
        ).toBe(true);
      const handling = all(branches).filter(({ span }) => span.name.startsWith("handle "));
      expect(handling).toHaveLength(8);
      for (const { below } of handling) {
        const statementNames = below.flatMap((one) => one.below.map(({ span }) => span.name));
        expect(statementNames).toContain("INSERT inbox");
      }
    });

    it("without anybody's data", () => {
      const text = JSON.stringify(collector.spans());
      for (const value of PERSONAL) expect(text).not.toContain(value);
      expect(text).not.toMatch(/eyJ|tok_/);
    });
  });

  describe("log", () => {
    const changeLevel = async (level: string): Promise<void> => {
      for (const [, port] of PLACES) {
        const response = await fetch(`http://127.0.0.1:${system.environment[port]}/log-level`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ level }),
        });
        expect(response.status).toBe(200);
      }
    };
    const linesOf = (name: string): string[] => system.process(name).output().split("\n").slice(0, -1);
    const requestsToldBy = (name: string): number =>
      linesOf(name).filter((line) => line.includes('"level":10') && line.includes('"msg":"request"')).length;

    it("by a level that is changed while they run", async () => {
      for (const [name] of PLACES) expect([name, requestsToldBy(name)]).toEqual([name, 0]);
      await changeLevel("trace");
      await buy(LOGGED, "tok_approve");
      await eventually(() => {
        for (const [name] of PLACES) expect([name, requestsToldBy(name) > 0]).toEqual([name, true]);
        expect(traceOf(LOGGED).drawn).toBe(PURCHASE_TREE);
      });
      await changeLevel("info");
    });

    it("lines of one schema, from the first to the last", () => {
      for (const [name] of PLACES) {
        const problems = linesOf(name).map((line) => [line, problemOf(line)]);
        expect(problems.filter(([, problem]) => problem !== null)).toEqual([]);
        expect(problems.length).toBeGreaterThan(3);
      }
    });

    it("what belongs to a request under its trace", () => {
      const routed = linesOf("router").filter((line) => line.includes(`"traceId":"${LOGGED}"`));
      expect(routed.some((line) => line.includes('"msg":"operation"') && line.includes('"name":"PlaceOrder"'))).toBe(
        true,
      );
      expect(linesOf("payments").some((line) => line.includes(LOGGED) && line.includes("operation ended"))).toBe(true);
    });

    it("nobody's data", () => {
      for (const [name] of PLACES) {
        const text = system.process(name).output();
        for (const value of [...PERSONAL, "Ada"]) expect([name, text.includes(value)]).toEqual([name, false]);
        expect(text).not.toMatch(/eyJ|tok_|Bearer/);
        expect(text).not.toMatch(/[\w.]+@\w+\.\w+/);
      }
    });
  });
});

/** Where each has its level. */
const PLACES = [
  ["users", "USERS_PORT"],
  ["products", "PRODUCTS_PORT"],
  ["orders", "ORDERS_PORT"],
  ["payments", "PAYMENTS_PORT"],
  ["router", "ROUTER_METRICS_PORT"],
  ["sandbox-provider", "SANDBOX_PROVIDER_PORT"],
] as const;
const isStatement = ({ attributes, kind }: ReceivedSpan): boolean => "db.system.name" in attributes && kind === 3;
/** The router's own work is done once for a document that it has seen. */
const isDetail = (span: ReceivedSpan): boolean => isStatement(span) || told(span).startsWith("router INTERNAL ");
const all = (branches: readonly Branch[]): Branch[] => branches.flatMap((branch) => [branch, ...all(branch.below)]);
