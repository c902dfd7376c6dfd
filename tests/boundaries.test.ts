import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What the linter says of a file at `path` that imports `specifier`; nothing is written. */
const lint = (path: string, specifier: string): string => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["node_modules/@biomejs/biome/bin/biome", "lint", `--stdin-file-path=${path}`],
    {
      cwd: root,
      input: `import { imported } from "${specifier}";\n\nexport const used = imported;\n`,
      encoding: "utf8",
    },
  );
  return stdout + stderr;
};

describe("the linter refuses", () => {
  it.each([
    ["a domain that knows a database library", "subgraphs/orders/src/domain/new.ts", "drizzle-orm"],
    ["a domain that knows its own database", "subgraphs/orders/src/domain/new.ts", "../db/schema.ts"],
    ["a subgraph that imports another", "subgraphs/orders/src/new.ts", "@supergraph/users/server"],
    ["a subgraph that reaches into another by path", "subgraphs/orders/src/db/new.ts", "../../../users/src/server.ts"],
    ["a subgraph that runs a database of its own", "subgraphs/users/src/new.ts", "@supergraph/postgres/embedded"],
    ["a router that knows a database library", "router/src/new.ts", "drizzle-orm"],
    ["a router that knows the shop", "router/src/new.ts", "@supergraph/contracts"],
    ["a database package that knows the broker", "packages/postgres/src/new.ts", "nats"],
    ["a bus that knows the broker's client outside of its adapter", "packages/messaging/src/new.ts", "nats"],
  ])("%s", (_what, path, specifier) => {
    expect(lint(path, specifier)).toContain("noRestrictedImports");
  });

  it.each([
    ["a domain", "subgraphs/orders/src/domain/new.ts", "./order.ts"],
    ["a command", "subgraphs/orders/src/commands/new.ts", "../domain/order.ts"],
    ["a router", "router/src/new.ts", "@supergraph/service"],
  ])("nothing that %s may import", (_what, path, specifier) => {
    expect(lint(path, specifier)).not.toContain("noRestrictedImports");
  });
});
