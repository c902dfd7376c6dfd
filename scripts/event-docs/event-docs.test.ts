import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { SAGA_STATES } from "../../subgraphs/orders/src/domain/saga-model.ts";
import { renderCatalogue } from "./catalogue.ts";
import { renderDocument } from "./document.ts";
import { payloadOf } from "./payload.ts";
import { renderSaga } from "./saga.ts";
import { transitions } from "./saga-transitions.ts";
import { contracts, readers } from "./sources.ts";

const text = renderDocument();

describe("the catalogue of events", () => {
  it("is what is committed", async () => {
    expect(await readFile(new URL("../../docs/events.md", import.meta.url), "utf8")).toBe(text);
  });

  it("has each contract once", () => {
    for (const { subject, description } of contracts) {
      expect(text.split(`\n### ${subject}\n`), subject).toHaveLength(2);
      expect(text).toContain(description);
    }
  });

  it("names each consumer as the broker does", () => {
    expect(text).toContain("handled by `orders-users-user-deleted-v1`, `payments-users-user-deleted-v1`");
    expect(text).toContain("handled by the live views of orders");
  });

  it("refuses a consumer of a subject that no contract has, naming both", () => {
    const misspelt = { service: "orders", subject: "products.stock.reservd.v1", durable: true };
    expect(() => renderCatalogue(contracts, [...readers(), misspelt])).toThrow(
      /^orders listens to products\.stock\.reservd\.v1: no contract in packages\/contracts/,
    );
  });

  it("refuses a consumer whose contract was taken away", () => {
    const without = contracts.filter(({ subject }) => subject !== "users.user.deleted.v1");
    expect(() => renderCatalogue(without, readers())).toThrow(/payments listens to users\.user\.deleted\.v1/);
  });

  it("tells the key and the id in terms of fields that the message has", () => {
    for (const { subject, schema, key, id = "" } of contracts) {
      const fields = payloadOf(schema).map(({ path }) => path);
      expect(fields, subject).toContain(key);
      for (const [, name] of id.matchAll(/\{(\w+)\}/g)) expect(fields, `${subject}: ${id}`).toContain(name);
    }
  });

  it("tells nested fields by their paths, and what they may be", () => {
    const [placed] = contracts.filter(({ subject }) => subject === "orders.order.placed.v1");
    if (!placed) throw new Error("Expected a contract of placed orders.");
    expect(payloadOf(placed.schema)).toEqual(
      expect.arrayContaining([
        { path: "at", type: "time, RFC 3339 in UTC", required: true },
        { path: "lines", type: "list", required: true },
        { path: "lines[].quantity", type: "integer, 1 or more", required: true },
        { path: "lines[].unitPrice.currency", type: "string, `^[A-Z]{3}$`", required: true },
      ]),
    );
  });
});

describe("the saga's diagram", () => {
  const arrows = renderSaga().match(/^ {4}\S+ --> .*$/gm) ?? [];

  it("comes to every state, and leaves every one", () => {
    for (const state of SAGA_STATES) {
      expect(
        arrows.some((arrow) => arrow.includes(`--> ${state}`)),
        state,
      ).toBe(true);
      expect(
        arrows.some((arrow) => arrow.includes(`    ${state} -->`)),
        state,
      ).toBe(true);
    }
  });

  it.each([
    "    [*] --> RESERVING: placeOrder / reserve",
    "    RESERVING --> AUTHORIZING: reserved / authorize",
    "    COMMITTING --> CAPTURING: committed / capture",
    "    CAPTURING --> DONE: captured",
    "    CAPTURING --> COMPENSATING: failed to capture / restock, void, ALERT",
  ])("has the arrow %s", (arrow) => {
    expect(arrows).toContain(arrow);
  });

  it("says what the state machine does, and nothing that it does not", () => {
    const ends = transitions().filter(({ to }) => to === "CANCELLED");
    expect(new Set(ends.map(({ from }) => from))).toEqual(new Set(["RESERVING", "COMPENSATING", "CANCELLED"]));
    expect(transitions().filter(({ from }) => from === "DONE")).toEqual([
      { from: "DONE", to: "COMPENSATING", event: "cancelRequested", commands: ["restock", "refund"], alert: false },
    ]);
  });
});
