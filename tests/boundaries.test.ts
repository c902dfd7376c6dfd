import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What stands where, and what it imports. */
const REFUSED = [
  ["a domain that knows a database library", "subgraphs/orders/src/domain/library.ts", "drizzle-orm"],
  ["a domain that knows its own database", "subgraphs/orders/src/domain/database.ts", "../db/schema.ts"],
  ["a subgraph that imports another", "subgraphs/orders/src/other.ts", "@supergraph/users/server"],
  ["a subgraph that reaches into another by path", "subgraphs/orders/src/db/path.ts", "../../../users/src/server.ts"],
  ["a subgraph that runs a database of its own", "subgraphs/users/src/server.ts", "@supergraph/postgres/embedded"],
  ["a router that knows a database library", "router/src/library.ts", "drizzle-orm"],
  ["a router that knows the shop", "router/src/shop.ts", "@supergraph/contracts"],
  ["a router that knows the registry's records", "router/src/records.ts", "@supergraph/registry"],
  ["a registry that knows the broker's client outside of its adapter", "packages/registry/src/client.ts", "nats"],
  ["a database package that knows the broker", "packages/postgres/src/broker.ts", "nats"],
  ["a bus that knows the broker's client outside of its adapter", "packages/messaging/src/client.ts", "nats"],
] as const;

const ALLOWED = [
  ["a domain that imports itself", "subgraphs/orders/src/domain/itself.ts", "./order.ts"],
  ["a command that imports its domain", "subgraphs/orders/src/commands/command.ts", "../domain/order.ts"],
  ["a router that imports what every process shares", "router/src/shared.ts", "@supergraph/service"],
  ["a router that reads what a registry distributes", "router/src/live.ts", "@supergraph/registry/live"],
  ["the registry's adapter that knows the broker's client", "packages/registry/src/nats/client.ts", "nats"],
  ["the adapter that knows the broker's client", "packages/messaging/src/nats/client.ts", "nats"],
] as const;

let directory: string;
/** Paths of the files whose imports the linter refuses. */
let refused: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "supergraph-boundaries-"));
  await cp(join(root, "biome.json"), join(directory, "biome.json"));
  for (const [, path, specifier] of [...REFUSED, ...ALLOWED]) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(
      join(directory, path),
      `import { imported } from "${specifier}";\n\nexport const used = imported;\n`,
    );
  }
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/@biomejs/biome/bin/biome"),
      "lint",
      "--vcs-enabled=false",
      "--only=style/noRestrictedImports",
      "--reporter=json",
      ".",
    ],
    { cwd: directory, encoding: "utf8" },
  );
  const report: { diagnostics: { category: string; location: { path: unknown } }[] } = JSON.parse(stdout);
  refused = report.diagnostics
    .filter(({ category }) => category === "lint/style/noRestrictedImports")
    .map(({ location }) => JSON.stringify(location.path));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const isRefused = (path: string): boolean => refused.some((each) => each.includes(path));

describe("the linter refuses", () => {
  it.each(REFUSED)("%s", (_what, path) => {
    expect(isRefused(path)).toBe(true);
  });
});

describe("the linter allows", () => {
  it.each(ALLOWED)("%s", (_what, path) => {
    expect(isRefused(path)).toBe(false);
  });
});
