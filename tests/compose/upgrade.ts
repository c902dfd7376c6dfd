import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { disturb } from "./disturbance.ts";
import { startLoad } from "./load.ts";
import { rollOut } from "./rollout.ts";
import { CUSTOMERS, type Trial } from "./shop.ts";

const TAG = "upgrade-trial";
const IMAGES = ["router", "users", "products", "orders", "payments", "sandbox-provider", "example-shop"].map(
  (name) => `supergraph-${name}`,
);
const COLUMN = "column_of_a_trial";

/** The image of orders with one more migration, which only adds, as each is to. */
const EXPANDED = `
FROM supergraph-orders:latest
USER 0
RUN node -e '\\
  const { readFileSync, writeFileSync } = require("node:fs"); \\
  const path = "migrations/meta/_journal.json"; \\
  const journal = JSON.parse(readFileSync(path)); \\
  const last = journal.entries.at(-1); \\
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag: "9999_trial" }); \\
  writeFileSync(path, JSON.stringify(journal)); \\
  writeFileSync("migrations/9999_trial.sql", "alter table orders add column ${COLUMN} text");'
USER 1000:1000
`;

const run = promisify(execFile);

const buildExpanded = async (): Promise<void> => {
  const building = run("docker", ["build", "--tag", `supergraph-orders:${TAG}`, "-"]);
  building.child.stdin?.end(EXPANDED);
  await building;
};

/** Rolls out another version while customers buy, and then the former one: the database stays as the later one left it. */
export const upgrade: Trial = async (shop) => {
  for (const image of IMAGES) await run("docker", ["tag", `${image}:latest`, `${image}:${TAG}`]);
  await buildExpanded();
  const load = await startLoad(shop.url, CUSTOMERS);
  const rolled = [];
  try {
    for (const [what, tag] of [
      ["upgrade", TAG],
      ["rollback", "latest"],
    ] as const) {
      rolled.push(await disturb(shop, load, what, () => rollOut(shop, [], { IMAGE_TAG: tag })));
      const running = (await shop.containers()).filter(({ service }) => /^(orders|router)(-2)?$/.test(service));
      shop.expect(
        running.every(({ image }) => image.endsWith(`:${tag}`)),
        `After it, what runs is of the ${what}'s images`,
      );
    }
  } finally {
    await run("docker", ["rmi", ...IMAGES.map((image) => `${image}:${TAG}`)]);
  }
  const columns = await shop.compose(
    ...["exec", "-T", "postgres", "psql", "--username=postgres", "--dbname=orders", "--tuples-only", "--no-align"],
    ...["--command", `select count(*) from information_schema.columns where column_name = '${COLUMN}'`],
  );
  shop.expect(columns === "1", "The database has what the upgrade added, and the former version runs on it");
  await load.stop();
  await shop.expectEnded(load, "came to their end");
  return { rolled, orders: load.orders().length };
};
