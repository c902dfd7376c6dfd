import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLogger } from "@supergraph/service";
import { describe, expect, it } from "vitest";
import { LOG_FIELDS, problemOf } from "./log-lines.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Of the first argument of each call of a logger, as far as it is written out there. */
const fieldsLogged = (source: string): string[] =>
  [...source.matchAll(/\b[lL]og\??\.(?:trace|debug|info|warn|error|fatal)\(\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g)].flatMap(
    ([, fields = ""]) =>
      fields
        .replaceAll(/\{[^{}]*\}|\([^()]*\)|\[[^[\]]*\]/g, "")
        .split(",")
        .map((field) => field.split(":")[0]?.trim() ?? "")
        .filter((field) => /^\w+$/.test(field)),
  );

const sources = execFileSync(
  "git",
  ["ls-files", "packages/*.ts", "router/src/*.ts", "subgraphs/*.ts", "embedded/src/*.ts", "sandbox-provider/src/*.ts"],
  { cwd: root, encoding: "utf8" },
)
  .trim()
  .split("\n")
  .filter((path) => !/\.test\.ts$|\/testing\//.test(path));

describe("a field that code logs", () => {
  it("is one of the schema's", () => {
    const logged = new Map(
      sources.flatMap((path) => fieldsLogged(readFileSync(`${root}${path}`, "utf8")).map((field) => [field, path])),
    );
    expect([...logged].filter(([field]) => !LOG_FIELDS.has(field))).toEqual([]);
    expect(logged.size).toBeGreaterThan(50);
  });
});

describe("a line of a log", () => {
  const line = (fields: object, message = "order placed"): string => {
    let written = "";
    createLogger({ service: "orders", level: "trace" }, { write: (text) => (written = text) }).info(fields, message);
    return written;
  };

  it("as our logger writes it is one of the schema", () => {
    expect(problemOf(line({}))).toBeNull();
    expect(problemOf(line({ orderId: "ord_1", attempt: 1, correlationId: "req_1" }))).toBeNull();
    expect(problemOf(line({ err: new Error("nope", { cause: new TypeError("why") }) }))).toBeNull();
  });

  it.each([
    ["an address", line({ shippingAddress: { line1: "Sveavägen 44" } })],
    ["an e-mail, even a censored one", line({ email: "ada@example.com" })],
    ["a level of its own", line({ level: "debug" })],
    ["a field of another kind", line({ orderId: 1 })],
    [
      "an error that tells the values of its query",
      line({}).replace("}", ',"err":{"type":"E","message":"","stack":"","params":"1"}}'),
    ],
    ["no service", line({}).replace(/"service":"orders",/, "")],
    ["a time of another zone", line({}).replace(/Z"/, '+01:00"')],
    ["no JSON", "orders answers the router"],
  ])("with %s is none", (_what, text) => {
    expect(problemOf(text)).not.toBeNull();
  });
});
