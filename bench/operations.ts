import { mkdir, writeFile } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { InMemoryLRUCache } from "@apollo/utils.keyvaluecache";
import { beginServerSpan, silentLogger } from "@supergraph/service";
import { Command, InvalidArgumentError } from "commander";
import { getOperationAST } from "graphql";
import { completeConfig } from "../router/src/config/complete.ts";
import { type Generation, openGeneration } from "../router/src/generations/generation.ts";
import { createRouterMeters } from "../router/src/meters.ts";
import { createOperationRecord } from "../router/src/operation-record.ts";
import type { RequestContext } from "../router/src/request-context.ts";
import { compose } from "../router/src/testing/library.ts";
import { FEDERATION_SDL } from "./federation-graph.ts";
import { mean, slope } from "./statistics.ts";

/**
 * Whether operations that come once each leave anything behind: parses, validates, plans, compiles and counts distinct texts
 * with distinct names, as the endpoint does, by the router's own generation and without a network. Memory is looked at
 * after full collections.
 */
interface Options {
  readonly operations: number;
  readonly thread: boolean;
}

interface Sample {
  readonly operations: number;
  readonly heapMb: number;
  readonly rssMb: number;
}

const SAMPLES = 60;
/** The heap may be this much larger in the last third than in the middle one. */
const FLAT_WITHIN = 0.1;

const results = fileURLToPath(new URL("results/", import.meta.url));

export const operationsCommand = (): Command =>
  new Command("operations")
    .description("Whether memory grows with the number of distinct operations; ends with 1 if the heap does.")
    .option("--operations <n>", "distinct operations", wholeNumber, 1_000_000)
    .option("--thread", "plan in a thread, as the router does unless told: RSS then tells of both heaps", false)
    .action(run);

const run = async ({ operations, thread }: Options): Promise<void> => {
  const began = performance.now();
  const log = silentLogger();
  const meters = createRouterMeters(log);
  const generation = await openGeneration(
    { number: 1, sdl: compose(FEDERATION_SDL) },
    {
      config: completeConfig({ supergraph: { sdl: "unused" }, planning: { thread }, log: { level: "silent" } }),
      signer: null,
      persistedQueries: new InMemoryLRUCache(),
      formatError: (formatted) => formatted,
      meters,
      log,
    },
  );
  const collect = garbageCollector();
  const outcomes = { admitted: 0, refused: 0 };
  const samples: Sample[] = [];
  const every = Math.max(1, Math.floor(operations / SAMPLES));
  for (let index = 1; index <= operations; index += 1) {
    const startedAt = performance.now();
    const { outcome, name } = await prepare(generation, operationText(index));
    outcomes[outcome] += 1;
    meters.operation(
      { kind: "query", name, outcome: outcome === "admitted" ? "answered" : "refused" },
      (performance.now() - startedAt) / 1_000,
    );
    if (index % every !== 0) continue;
    // What waits for a turn of its own is let go first.
    await turn();
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    samples.push({ operations: index, heapMb: megabytes(heapUsed), rssMb: megabytes(rss) });
    if (samples.length % 10 === 0)
      process.stderr.write(`${index} operations, heap ${megabytes(heapUsed)} MB, RSS ${megabytes(rss)} MB\n`);
  }
  const report = {
    date: new Date().toISOString(),
    node: process.version,
    operations,
    planningThread: thread,
    seconds: Math.round((performance.now() - began) / 1_000),
    ...outcomes,
    ...judge(samples),
    documentCache: generation.documents.numbers(),
    samples,
  };
  await generation.retire(0);
  meters.stop();
  await mkdir(results, { recursive: true });
  await writeFile(`${results}operations.json`, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${verdict(report)}\n`);
  if (!report.flat) process.exitCode = 1;
};

const prepare = async (
  { documents, core }: Generation,
  text: string,
): Promise<{ outcome: "admitted" | "refused"; name: string | null }> => {
  const prepared = documents.prepare(text);
  if (prepared.kind === "refused") return { outcome: "refused", name: null };
  const { document } = prepared;
  const operation = getOperationAST(document);
  if (!operation) throw new Error(`There is no operation in ${text}.`);
  const context = createContext();
  const admission = await core.admit({ document, operation, variables: { first: 3 } }, context);
  context.span.end(false);
  return { outcome: admission.kind, name: operation.name?.value ?? null };
};

const createContext = (): RequestContext => ({
  viewer: null,
  correlationId: "bench",
  clientHeaders: {},
  span: beginServerSpan("POST /graphql", {}),
  signal: new AbortController().signal,
  statusTellsErrors: false,
  record: createOperationRecord(),
  timings: null,
  log: silentLogger(),
});

/** No two are alike, nor are their names; of a hundred some have a syntax error, an unknown field, or more text than is kept. */
const operationText = (index: number): string => {
  const name = `Operation_${index.toString(36)}`;
  const place = index % 100;
  if (place === 11) return `query ${name} { topProducts { upc }`;
  if (place === 37) return `query ${name} { topProducts { upc unknown_${index} } }`;
  const padding = place === 73 ? `# ${"x".repeat(20_000 + (index % 10_000))}\n` : "";
  const fields = Array.from(
    { length: place === 5 ? 45 : 1 + ((index * 7) % 5) },
    (_, field) => `f${field}_${index}: ${["name", "price", "weight", "upc"][(index + field) % 4]}`,
  ).join(" ");
  // Planning what crosses subgraphs takes ten times longer.
  const crossing = index % 20 === 0 ? `shippingEstimate reviews { id body author { username n_${index}: name } }` : "";
  return `${padding}query ${name}($first: Int${place < 10 ? ", $with: Boolean = true" : ""}) {
    topProducts(first: $first) { upc ${fields} ${place < 10 ? "weight @include(if: $with)" : ""} ${crossing} }
  }`;
};

/** As `node --expose-gc` has it. */
const garbageCollector = (): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
};

const judge = (samples: readonly Sample[]) => {
  const third = Math.floor(samples.length / 3);
  const middleThirdHeapMb = mean(samples.slice(third, 2 * third).map(({ heapMb }) => heapMb));
  const lastThirdHeapMb = mean(samples.slice(2 * third).map(({ heapMb }) => heapMb));
  const half = samples.slice(samples.length >> 1);
  const perMillion = (what: "heapMb" | "rssMb") =>
    slope(half.map((sample) => ({ x: sample.operations / 1e6, y: sample[what] })));
  return {
    middleThirdHeapMb,
    lastThirdHeapMb,
    heapSlopeMbPerMillion: perMillion("heapMb"),
    rssSlopeMbPerMillion: perMillion("rssMb"),
    flat: lastThirdHeapMb <= middleThirdHeapMb * (1 + FLAT_WITHIN),
  };
};

type Judged = ReturnType<typeof judge> & { readonly operations: number; readonly seconds: number };

const verdict = (report: Judged): string => {
  const { operations, seconds, middleThirdHeapMb, lastThirdHeapMb, flat } = report;
  const slopes = `${report.heapSlopeMbPerMillion.toFixed(1)} MB of heap and ${report.rssSlopeMbPerMillion.toFixed(1)} MB of RSS a million operations over the last half`;
  return `${operations} distinct operations in ${seconds} s; heap after collection ${middleThirdHeapMb.toFixed(1)} MB in the middle third, ${lastThirdHeapMb.toFixed(1)} MB in the last; ${slopes}: ${flat ? "flat" : "not flat"}`;
};

const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < SAMPLES)
    throw new InvalidArgumentError(`Expected a whole number from ${SAMPLES}, such as 1000000.`);
  return value;
};
