import { describe, expect, it } from "vitest";
import { CheckSettings } from "../check/config.ts";
import type { Finding } from "../findings/finding.ts";
import type { Revision } from "../revisions/revision.ts";
import { eventFindings } from "./findings.ts";

const order = {
  type: "object",
  properties: {
    orderId: { type: "string" },
    quantity: { type: "integer", minimum: 1 },
    reason: { type: "string", enum: ["A", "B"] },
    note: { type: "string" },
    lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" } }, required: ["sku"] } },
  },
  required: ["orderId", "quantity", "reason", "lines"],
};

const placed = {
  subject: "orders.order.placed.v1",
  description: "",
  producer: "orders",
  consumers: ["payments"],
  key: "orderId",
  schema: order as object,
};

const revision = (text: string | null): Revision => ({
  name: "a revision",
  subgraphs: [],
  operations: { operations: [], problems: [], traffic: null, trafficPath: "" },
  events: text === null ? null : { path: "events.json", text },
});

const file = (...events: unknown[]): string => JSON.stringify({ events }, null, 2);
const config = CheckSettings.parse({ owners: { payments: "#payments" } });

const findingsOf = (before: string | null, after: string | null): Finding[] =>
  eventFindings(revision(after), revision(before), config);

const changed = (edit: (schema: typeof order) => void): Finding[] => {
  const schema = structuredClone(order);
  edit(schema);
  return findingsOf(file(placed), file({ ...placed, schema }));
};

const lineOf = (text: string, part: string): number => text.split("\n").findIndex((line) => line.includes(part)) + 1;

describe("comparing events", () => {
  it("says nothing of what is the same, however it is written", () => {
    expect(findingsOf(file(placed), JSON.stringify({ events: [placed] }))).toEqual([]);
  });

  it("says nothing where there is nothing to compare with, or no events", () => {
    expect(eventFindings(revision(file(placed)), null, config)).toEqual([]);
    expect(findingsOf(null, file(placed))).toEqual([]);
  });

  it("blocks for an event that is gone while somebody handles it, and says whom to ask", () => {
    const [finding, ...more] = findingsOf(file(placed), file());
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code: "EVENT_REMOVED",
      severity: "error",
      coordinate: "orders.order.placed.v1",
      subgraphs: ["orders", "payments"],
      details: ["handled by payments: ask #payments"],
      locations: [{ path: "events.json", line: lineOf(file(placed), "subject"), side: "base" }],
    });
  });

  it("lets an event go that nobody handles", () => {
    expect(findingsOf(file({ ...placed, consumers: [] }), file())).toMatchObject([
      { code: "EVENT_RETIRED", severity: "info" },
    ]);
  });

  it("lets a new version come beside the former one", () => {
    expect(findingsOf(file(placed), file(placed, { ...placed, subject: "orders.order.placed.v2" }))).toMatchObject([
      { code: "EVENT_ADDED", coordinate: "orders.order.placed.v2" },
    ]);
  });

  it("lets an optional field be added, and none that must be there", () => {
    expect(changed(({ properties }) => Object.assign(properties, { gift: { type: "boolean" } }))).toMatchObject([
      { code: "EVENT_FIELD_ADDED", severity: "info", message: "`gift` of orders.order.placed.v1 is new." },
    ]);
    expect(
      changed((schema) => {
        Object.assign(schema.properties, { gift: { type: "boolean" } });
        schema.required.push("gift");
      }),
    ).toMatchObject([{ code: "EVENT_FIELD_REQUIRED", severity: "error" }]);
  });

  it.each<[string, (schema: typeof order) => void, string, string]>([
    ["a field that goes", (schema) => Reflect.deleteProperty(schema.properties, "note"), "EVENT_FIELD_REMOVED", "note"],
    [
      "another type",
      (schema) => Object.assign(schema.properties.quantity, { type: "string" }),
      "EVENT_FIELD_RETYPED",
      "quantity",
    ],
    [
      "a type that may be null",
      (schema) => Object.assign(schema.properties.note, { type: ["string", "null"] }),
      "EVENT_FIELD_RETYPED",
      "note",
    ],
    ["what must be there now", (schema) => schema.required.push("note"), "EVENT_FIELD_REQUIRED", "note"],
    ["what may be missing now", (schema) => schema.required.splice(1, 1), "EVENT_FIELD_OPTIONAL", "quantity"],
    ["a value that goes", (schema) => schema.properties.reason.enum.pop(), "EVENT_VALUES_NARROWED", "reason"],
    ["a value that comes", (schema) => schema.properties.reason.enum.push("C"), "EVENT_VALUES_WIDENED", "reason"],
    [
      "a limit that narrows",
      (schema) => Object.assign(schema.properties.quantity, { minimum: 2 }),
      "EVENT_VALUES_NARROWED",
      "quantity",
    ],
    [
      "a limit that goes",
      (schema) => Reflect.deleteProperty(schema.properties.quantity, "minimum"),
      "EVENT_VALUES_WIDENED",
      "quantity",
    ],
    [
      "a limit that comes",
      (schema) => Object.assign(schema.properties.note, { maxLength: 9 }),
      "EVENT_VALUES_NARROWED",
      "note",
    ],
    [
      "a pattern that comes",
      (schema) => Object.assign(schema.properties.note, { pattern: "^a" }),
      "EVENT_VALUES_NARROWED",
      "note",
    ],
    [
      "a field of a list's entries that goes",
      (schema) => Reflect.deleteProperty(schema.properties.lines.items.properties, "sku"),
      "EVENT_FIELD_REMOVED",
      "lines[].sku",
    ],
  ])("tells %s once, at its field", (_, edit, code, field) => {
    const findings = changed(edit);
    expect(findings).toMatchObject([{ code, message: expect.stringContaining(`\`${field}\` of`) }]);
    const [location] = findings[0]?.locations ?? [];
    const side = code === "EVENT_FIELD_REMOVED" ? file(placed) : null;
    if (side !== null) expect(location?.line).toBe(lineOf(side, `"${field.replace("lines[].", "")}":`));
    expect(location?.line).toBeGreaterThan(5);
  });

  it("blocks for another key and another producer", () => {
    const events = findingsOf(file(placed), file({ ...placed, key: "customerId", producer: "carts" }));
    expect(events.map(({ code }) => code)).toEqual(["EVENT_PRODUCER_CHANGED", "EVENT_KEY_CHANGED"]);
  });

  it("tells where a file cannot be read", () => {
    expect(findingsOf(file(placed), '{"events": [{')).toMatchObject([
      { code: "EVENTS_MALFORMED", severity: "error", locations: [{ line: 1 }] },
    ]);
    expect(findingsOf(file(placed), '{"events":\n  [],}')).toMatchObject([
      { code: "EVENTS_MALFORMED", message: "It is no JSON.", locations: [{ line: 2, column: 6 }] },
    ]);
    expect(findingsOf(file(placed), file({ ...placed, key: 7 }))).toMatchObject([
      { code: "EVENTS_MALFORMED", message: expect.stringContaining("events.0.key") },
    ]);
    expect(findingsOf(file(placed), file(placed, placed))).toMatchObject([
      { code: "EVENTS_MALFORMED", message: "orders.order.placed.v1 is there twice." },
    ]);
  });
});
