import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { backups } from "./backups.ts";
import { deployment } from "./deployment.ts";
import { kills } from "./kills.ts";
import { restarts } from "./restarts.ts";
import { rollout } from "./rollout.ts";
import { rotation } from "./rotation.ts";
import { describeStart, openShop, seconds, type Trial, timed } from "./shop.ts";
import { upgrade } from "./upgrade.ts";

const USAGE = `usage: npm run test:compose -- [options] [trial ...]

Brings up docker-compose.yml as a project of its own, buys something through it, and puts it to the trials that are named, the
first three of these unless any are; each looks whether an order was lost. Needs Docker.

  kills       kills each container under a small load
  restarts    restarts all of it; takes it down and up again
  backups     backs up under a small load, deletes everything, restores it
  rollout     makes each container anew, one after the other under a small load: with --profile scale, no request is to fail
  rotation    exchanges keys and passwords, the same way
  upgrade     rolls out another version with one more migration, and back to the former

  --file <path>       an override of docker-compose.yml; may be repeated
  --profile <name>    may be repeated
  --only <name>       kills or rolls out this service, or exchanges the keys of router, access-tokens, database, broker; may be repeated
  --url <url>         the endpoint, where it is not the router's, or the balancer's with the profile scale
  --port <n>          where the router is published; the balancer is 80 above          (4300)
  --project <name>    (supergraph-test)
  --no-build          takes the images that there are
  --keep              leaves it running
  --json <path>       writes the figures there
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: "string", multiple: true, default: [] },
    profile: { type: "string", multiple: true, default: [] },
    only: { type: "string", multiple: true, default: [] },
    url: { type: "string" },
    port: { type: "string", default: "4300" },
    project: { type: "string", default: "supergraph-test" },
    "no-build": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const TRIALS: Readonly<Record<string, Trial>> = {
  kills: kills(values.only),
  restarts,
  backups,
  rollout: rollout(values.only),
  rotation: rotation(values.only),
  upgrade,
};

const main = async (names: readonly string[]): Promise<boolean> => {
  const routerPort = Number(values.port);
  const balancerPort = routerPort + 80;
  const hasBalancer = values.profile.includes("scale");
  const shop = openShop(
    deployment({
      project: values.project,
      files: ["docker-compose.yml", ...values.file],
      profiles: values.profile,
      environment: { ROUTER_PORT: String(routerPort), BALANCER_PORT: String(balancerPort) },
    }),
    values.url ?? `http://127.0.0.1:${hasBalancer ? balancerPort : routerPort}/graphql`,
  );
  const figures: Record<string, unknown> = {};
  try {
    await shop.compose("down", "--volumes", "--remove-orphans");
    if (!values["no-build"]) {
      figures.buildMs = await timed(() => shop.compose("build"));
      shop.say(`images built in ${seconds(Number(figures.buildMs))}`);
    }
    const first = await shop.up();
    figures.first = first;
    shop.say(`up for the first time: ${describeStart(first)}`);
    await shop.expectPurchase("after the first start");
    for (const name of names) {
      shop.say(`\n${name}`);
      figures[name] = await TRIALS[name]?.(shop);
    }
    if (values.json !== undefined)
      await writeFile(values.json, `${JSON.stringify({ ...figures, failures: shop.failures }, null, 2)}\n`);
  } finally {
    if (!values.keep) await shop.compose("down", "--volumes", "--remove-orphans").catch(() => undefined);
  }
  const { length } = shop.failures;
  shop.say(length === 0 ? "\nAll of it holds." : `\n${length} of it do not hold.`);
  return length === 0;
};

const unknown = positionals.filter((name) => !(name in TRIALS));
if (values.help) process.stdout.write(USAGE);
else if (unknown.length > 0) {
  process.stderr.write(`There is no trial ${unknown.join(", ")}.\n\n${USAGE}`);
  process.exitCode = 2;
} else if (!(await main(positionals.length > 0 ? positionals : ["kills", "restarts", "backups"]))) process.exitCode = 1;
