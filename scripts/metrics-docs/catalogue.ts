import {
  createMetrics,
  type MetricFamilyDefinition,
  type MetricSource,
  messagingSources,
  poolSource,
  silentLogger,
} from "@supergraph/service";
import { createRouterMeters } from "../../router/src/meters.ts";
import { workersSource } from "../../router/src/workers.ts";
import { webhookSource } from "../../sandbox-provider/src/server.ts";
import { checkoutSource } from "../../subgraphs/orders/src/checkout-meter.ts";
import { intakeSource } from "../../subgraphs/orders/src/intake.ts";
import { sagaSource } from "../../subgraphs/orders/src/saga-metrics.ts";
import { circuitSource } from "../../subgraphs/payments/src/provider/circuit-metrics.ts";

export const SUBGRAPHS = ["users", "products", "orders", "payments"] as const;

/** Of these, those that have messages to tell of. */
export const SUBGRAPHS_WITH_EVENTS = ["users", "products", "orders", "payments"] as const;

/** The jobs of deploy/observability/prometheus/prometheus.yml. */
export const PROCESSES = ["router", ...SUBGRAPHS, "sandbox-provider"] as const;

export type ProcessName = (typeof PROCESSES)[number];

export interface CatalogueEntry extends Omit<MetricFamilyDefinition, "isOfEachWorker"> {
  readonly processes: readonly ProcessName[];
  /** A router with several workers has it with a label `worker`. */
  readonly isOfEachWorker: boolean;
  /** Known to a router only where it has workers. */
  readonly isOfWorkersOnly: boolean;
}

/** Definitions are read, no source is. */
const notRead = (): never => {
  throw new Error("A source of metrics was read by what only reads definitions.");
};

const SOURCES_OF_ALL_SUBGRAPHS: readonly MetricSource[] = [poolSource({})];

const SOURCES_WITH_EVENTS: readonly MetricSource[] = [
  ...messagingSources("", { relay: { stats: notRead }, bus: { stats: notRead, lag: notRead } }),
  ...SOURCES_OF_ALL_SUBGRAPHS,
];

const SOURCES_OF_ORDERS: readonly MetricSource[] = [
  sagaSource(undefined as never, notRead),
  checkoutSource({ counts: notRead }),
  intakeSource({ shed: notRead }),
];

const definitionsOf = (sources: readonly MetricSource[]): readonly MetricFamilyDefinition[] =>
  createMetrics({ log: silentLogger(), sources }).definitions();

/** What each process tells at `/metrics`, by name. A test compares it with what real ones do. */
export const readCatalogue = (): readonly CatalogueEntry[] => {
  const definitions: Readonly<Record<ProcessName, readonly MetricFamilyDefinition[]>> = {
    router: createRouterMeters(silentLogger()).definitions(),
    users: definitionsOf(SOURCES_WITH_EVENTS),
    products: definitionsOf(SOURCES_WITH_EVENTS),
    orders: definitionsOf([...SOURCES_WITH_EVENTS, ...SOURCES_OF_ORDERS]),
    payments: definitionsOf([...SOURCES_WITH_EVENTS, circuitSource({ state: notRead })]),
    "sandbox-provider": definitionsOf([webhookSource({ undelivered: notRead })]),
  };
  const ofOneRouter = new Set(definitions.router.map(({ name }) => name));
  const all = [
    ...PROCESSES.map((name) => ({ name, told: definitions[name] })),
    { name: "router" as const, told: ofPrimary() },
  ];
  const entries = new Map<string, CatalogueEntry>();
  for (const { name: process, told } of all)
    for (const { isOfEachWorker, ...definition } of told) {
      const known = entries.get(definition.name);
      entries.set(definition.name, {
        ...definition,
        processes: [...new Set([...(known?.processes ?? []), process])],
        isOfEachWorker: known?.isOfEachWorker || (process === "router" && isOfEachWorker),
        isOfWorkersOnly: process === "router" && !ofOneRouter.has(definition.name),
      });
    }
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
};

const ofPrimary = (): readonly MetricFamilyDefinition[] =>
  definitionsOf([workersSource(() => ({ ready: 0, deaths: 0 }))]);

/** The names under which a scrape has it: a histogram has three. */
export const seriesOf = ({ name, kind }: Pick<CatalogueEntry, "name" | "kind">): readonly string[] =>
  kind === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name];
