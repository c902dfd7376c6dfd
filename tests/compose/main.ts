import { writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { openGraph } from "../smoke/graph.ts";
import { runSmoke } from "../smoke/program.ts";
import { deployment } from "./deployment.ts";
import { startLoad } from "./load.ts";

const USAGE = `usage: npm run test:compose -- [options]

Brings up docker-compose.yml as a project of its own, buys something through it, kills each of its containers under a small
load, restarts all of it, takes it down and up again, and looks each time whether anything was lost. Needs Docker.

  --file <path>       an override of docker-compose.yml; may be repeated
  --profile <name>    may be repeated
  --service <name>    kills these only; may be repeated
  --url <url>         the endpoint, where it is not http://127.0.0.1:<port>/graphql
  --port <n>          where the router is published                            (4300)
  --project <name>    (supergraph-test)
  --no-build          takes the images that there are
  --keep              leaves it running
  --json <path>       writes the figures there
`;

const { values } = parseArgs({
  options: {
    file: { type: "string", multiple: true, default: [] },
    profile: { type: "string", multiple: true, default: [] },
    service: { type: "string", multiple: true, default: [] },
    url: { type: "string" },
    port: { type: "string", default: "4300" },
    project: { type: "string", default: "supergraph-test" },
    "no-build": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const CUSTOMERS = 3;
const HEALTHY_WITHIN_MS = 120_000;
const SETTLED_WITHIN_MS = 90_000;
const KILLED = ["router", "users", "products", "orders", "payments", "sandbox-provider", "nats", "postgres"];
const FirstPage = z.object({ products: z.object({ edges: z.array(z.unknown()) }) });
const ENDED = new Set(["PAID", "CANCELLED"]);

interface Kill {
  readonly service: string;
  readonly healthyAfterMs: number;
  readonly requests: number;
  readonly failed: number;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return Math.round(performance.now() - begun);
};

const main = async (): Promise<boolean> => {
  const { port } = values;
  const url = values.url ?? `http://127.0.0.1:${port}/graphql`;
  const shop = deployment({
    project: values.project,
    files: ["docker-compose.yml", ...values.file],
    profiles: values.profile,
    environment: { ROUTER_PORT: port, BALANCER_PORT: String(Number(port) + 80) },
  });
  const failures: string[] = [];
  const expect = (holds: boolean, what: string): void => {
    say(`${holds ? "✔" : "✖"} ${what}`);
    if (!holds) failures.push(what);
  };
  const firstAnswer = async (begun: number): Promise<number> => {
    const graph = openGraph(url, AbortSignal.timeout(HEALTHY_WITHIN_MS));
    for (;;) {
      const answered = await graph
        .ask(FirstPage, "query First { products(first: 1) { edges { node { title } } } }")
        .then(
          () => true,
          () => false,
        );
      const ms = Math.round(performance.now() - begun);
      if (answered) return ms;
      if (ms > HEALTHY_WITHIN_MS) throw new Error(`No query was answered within ${HEALTHY_WITHIN_MS / 1000} s.`);
      await pause(100);
    }
  };
  const up = async (): Promise<{ firstAnswerMs: number; healthyMs: number }> => {
    const begun = performance.now();
    const [firstAnswerMs] = await Promise.all([
      firstAnswer(begun),
      shop.compose("up", "--detach", "--no-build", "--quiet-pull"),
    ]);
    await shop.untilHealthy(HEALTHY_WITHIN_MS);
    return { firstAnswerMs, healthyMs: Math.round(performance.now() - begun) };
  };
  const smoke = async (when: string): Promise<void> => {
    const told: string[] = [];
    const code = await runSmoke(["--url", url], { out: (text) => told.push(text), err: (text) => told.push(text) });
    expect(code === 0, `Something can be bought ${when}`);
    if (code !== 0) say(told.map((text) => `    ${text}`).join("\n"));
  };

  const kills: Kill[] = [];
  try {
    await shop.compose("down", "--volumes", "--remove-orphans");
    const buildMs = values["no-build"] ? null : await timed(() => shop.compose("build"));
    if (buildMs !== null) say(`images built in ${seconds(buildMs)}`);

    const first = await up();
    say(
      `up for the first time: first query answered after ${seconds(first.firstAnswerMs)}, all healthy after ${seconds(first.healthyMs)}`,
    );
    await smoke("after the first start");

    const load = await startLoad(url, CUSTOMERS);
    const services = values.service.length > 0 ? values.service : KILLED;
    for (const service of services) {
      await pause(2_000);
      load.takeCounts();
      const healthyAfterMs = await shop.kill(service, HEALTHY_WITHIN_MS);
      await pause(1_000);
      const { requests, failed } = load.takeCounts();
      kills.push({ service, healthyAfterMs, requests, failed });
      say(
        `  ${service} killed: healthy after ${seconds(healthyAfterMs)}; ${failed} of ${requests} requests failed meanwhile, and were repeated`,
      );
    }
    await shop.untilHealthy(HEALTHY_WITHIN_MS);
    await pause(3_000);
    load.takeCounts();
    await pause(3_000);
    const calm = load.takeCounts();
    expect(calm.failed === 0 && calm.acknowledged > 0, "After that every request is answered again");

    const orders = await load.stop();
    const unsettled = async (): Promise<readonly string[]> => {
      const deadline = performance.now() + SETTLED_WITHIN_MS;
      for (;;) {
        const statuses = await Promise.all(orders.map(async (id) => ({ id, status: await load.statusOf(id) })));
        const open = statuses.filter(({ status }) => !ENDED.has(status ?? ""));
        if (open.length === 0 || performance.now() > deadline) return open.map(({ id, status }) => `${id} ${status}`);
        await pause(500);
      }
    };
    const open = await unsettled();
    expect(open.length === 0, `All of ${orders.length} acknowledged orders came to their end`);
    for (const order of open.slice(0, 5)) say(`    ${order}`);

    const restartMs = await timed(async () => {
      await shop.compose("restart");
      await shop.untilHealthy(HEALTHY_WITHIN_MS);
    });
    say(`restarted in ${seconds(restartMs)}`);
    await smoke("after a restart of all");

    await shop.compose("down");
    const again = await up();
    say(
      `down and up: first query answered after ${seconds(again.firstAnswerMs)}, all healthy after ${seconds(again.healthyMs)}`,
    );
    const lost = await unsettled();
    expect(lost.length === 0, "All orders are there for those who placed them, by the tokens that they had before");
    await smoke("after down and up");

    if (values.json !== undefined) {
      const figures = { buildMs, first, kills, orders: orders.length, lost: lost.length, restartMs, again, failures };
      await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
    }
  } finally {
    if (!values.keep) await shop.compose("down", "--volumes", "--remove-orphans").catch(() => undefined);
  }
  say(failures.length === 0 ? "\nAll of it holds." : `\n${failures.length} of it do not hold.`);
  return failures.length === 0;
};

if (values.help) say(USAGE);
else if (!(await main())) process.exitCode = 1;
