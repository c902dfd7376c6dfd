import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const exclude = ["**/node_modules/**", "**/dist/**"];

/** The packages' sources, not their build output, are what development and tests run. */
const sources = {
  resolve: {
    // As Node resolves it: by its "module" field it would be a second copy beside the one that Apollo's packages load.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql") }],
    conditions: ["supergraph-source", "node", "import", "default"],
  },
  ssr: { resolve: { conditions: ["supergraph-source", "node", "import", "default"] } },
  // Where global set-up runs: it would otherwise import what a former build left in dist.
  environments: { __vitest__: { resolve: { conditions: ["supergraph-source", "node", "import", "default"] } } },
};

/** Tests wait for databases, brokers and processes more than they work: with one worker a core, cores would idle. */
const maxWorkers = Math.max(2, Math.ceil(availableParallelism() * 1.5));

/** One real Postgres server for the whole run; each test file makes its own databases in it. */
const globalSetup = ["packages/testing/src/global-setup.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        ...sources,
        test: {
          name: "unit",
          maxWorkers,
          include: ["**/*.test.ts"],
          exclude: [...exclude, "**/*.int.test.ts", "**/*.e2e.test.ts"],
          // Composing is pure, and takes its time on a machine that does much else.
          testTimeout: 20_000,
        },
      },
      {
        ...sources,
        test: {
          name: "integration",
          maxWorkers,
          include: ["**/*.int.test.ts"],
          exclude,
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...sources,
        test: {
          name: "e2e",
          include: ["**/*.e2e.test.ts"],
          exclude,
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 10_000 } },
          maxWorkers,
          // After the others: whole systems beside them would slow both.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
