import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/**
 * From `npm start` to the first answered federated query, on an empty folder and with data, and the memory of the whole
 * process tree after it (proportional set size: what is shared between processes is counted once).
 */
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const PORT = Number(process.env.PORT ?? 4710);
const root = fileURLToPath(new URL("..", import.meta.url));
const FEDERATED = JSON.stringify({
  query:
    '{ products(first: 5) { edges { node { title variants { id price { amount } shippingEstimate(country: "SE") { amount } } } } } }',
});

const answers = async (): Promise<boolean> => {
  try {
    const response = await fetch(`http://127.0.0.1:${PORT}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: FEDERATED,
    });
    const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
    return data != null && errors === undefined;
  } catch {
    return false;
  }
};

/** Pids of `pid` and all below it, and of servers in sessions of their own that name `directory`. */
const tree = async (pid: number, directory: string): Promise<number[]> => {
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const facts = await Promise.all(
    pids.map(async (each) => ({
      pid: each,
      parent: Number((await readFile(`/proc/${each}/stat`, "utf8").catch(() => "")).split(") ").at(-1)?.split(" ")[1]),
      command: await readFile(`/proc/${each}/cmdline`, "utf8").catch(() => ""),
    })),
  );
  const found = new Set([pid, ...facts.filter(({ command }) => command.includes(directory)).map((fact) => fact.pid)]);
  for (let grew = true; grew; ) {
    const before = found.size;
    for (const fact of facts) if (found.has(fact.parent)) found.add(fact.pid);
    grew = found.size > before;
  }
  return [...found];
};

const memoryMb = async (pids: readonly number[]): Promise<number> => {
  const sizes = await Promise.all(
    pids.map(async (pid) =>
      Number(/^Pss:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => ""))?.[1] ?? 0),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
};

const run = async (directory: string): Promise<{ seconds: number; megabytes: number }> => {
  const from = performance.now();
  const child: ChildProcess = spawn("npm", ["start"], {
    cwd: root,
    env: { ...process.env, PORT: String(PORT), DATA_DIR: directory },
    stdio: "ignore",
    detached: true,
  });
  while (!(await answers())) await pause(20);
  const seconds = (performance.now() - from) / 1000;
  const pid = child.pid ?? 0;
  const megabytes = await memoryMb(await tree(pid, directory));
  const ended = new Promise((resolve) => child.once("close", resolve));
  process.kill(-pid, "SIGINT");
  await ended;
  while (await answers()) await pause(20);
  return { seconds, megabytes };
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const cold: number[] = [];
const warm: number[] = [];
const memory: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-start-bench-"));
  const first = await run(directory);
  const second = await run(directory);
  cold.push(first.seconds);
  warm.push(second.seconds);
  memory.push(first.megabytes, second.megabytes);
  await rm(directory, { recursive: true, force: true });
}
process.stdout.write(
  `npm start to the first answered federated query, median of ${ROUNDS}: empty folder ${median(cold).toFixed(1)} s, with data ${median(warm).toFixed(1)} s\nmemory of the process tree, npm included: ${median(memory).toFixed(0)} MB (at most ${Math.max(...memory).toFixed(0)} MB)\n`,
);
