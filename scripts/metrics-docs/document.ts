import { type CatalogueEntry, PROCESSES, type ProcessName, SUBGRAPHS, SUBGRAPHS_WITH_EVENTS } from "./catalogue.ts";

interface Section {
  readonly title: string;
  readonly text: string;
  readonly has: (entry: CatalogueEntry) => boolean;
}

const isOf = (entry: CatalogueEntry, ...processes: readonly ProcessName[]): boolean =>
  processes.every((name) => entry.processes.includes(name)) && entry.processes.length === processes.length;

const isOfProcess = ({ name }: CatalogueEntry): boolean => /^(nodejs|process)_/.test(name);

const isOfEvents = (entry: CatalogueEntry): boolean => isOf(entry, ...SUBGRAPHS_WITH_EVENTS);

const SECTIONS: readonly Section[] = [
  {
    title: "Every process",
    text: "Requests are GraphQL requests; the sandbox provider, which answers none, tells of none.",
    has: (entry) => !isOfProcess(entry) && entry.processes.length >= PROCESSES.length - 1,
  },
  {
    title: "The router",
    text: "",
    has: (entry) => !isOfProcess(entry) && isOf(entry, "router"),
  },
  {
    title: "Each subgraph",
    text: "What the database or the broker knows is the same from each replica: take the maximum. What a process did is its own: sum it.",
    has: (entry) => isOf(entry, ...SUBGRAPHS) || isOfEvents(entry),
  },
  { title: "Orders", text: "", has: (entry) => isOf(entry, "orders") },
  { title: "Payments", text: "", has: (entry) => isOf(entry, "payments") },
  { title: "The sandbox payment provider", text: "", has: (entry) => isOf(entry, "sandbox-provider") },
  {
    title: "The process itself",
    text: "From [prom-client](https://github.com/siimon/prom-client), on Linux. `process_*` of files and memory differ elsewhere.",
    has: isOfProcess,
  },
];

/**
 * The whole of docs/metrics.md.
 * @throws when a metric is in no section.
 */
export const renderDocument = (entries: readonly CatalogueEntry[]): string => {
  const sections = SECTIONS.map((section) => ({ ...section, entries: entries.filter(section.has) }));
  const told = sections.flatMap((section) => section.entries);
  const missing = entries.filter((entry) => told.filter((one) => one === entry).length !== 1);
  if (missing.length > 0)
    throw new Error(`Expected one section for each metric, not so for ${missing.map(({ name }) => name).join(", ")}.`);
  return [
    "<!-- Written by `npm run docs:metrics` from the metrics that the code registers: change their `help` there. -->",
    "",
    "# Metrics",
    "",
    `What \`GET /metrics\` tells, and of whom: ${entries.length} metrics. Where it is served, how workers are summed and what happens when a`,
    "source fails is in [observability.md](observability.md#numbers); what to watch is in",
    "[deploy/observability](../deploy/observability/README.md). A histogram `x` is scraped as `x_bucket` (with a label `le`), `x_sum` and",
    "`x_count`. ◇ marks those that a router with several workers tells of each of them, with a label `worker`.",
    "",
    "The database pool is named by OpenTelemetry's semantic conventions. Of these two the conventions' own names are different ones:",
    "`supergraph_http_request_duration_seconds` is `http.server.request.duration`, and `nodejs_eventloop_lag_*` are `nodejs.eventloop.delay.*`.",
    "",
    ...sections.flatMap(renderSection),
  ].join("\n");
};

const renderSection = ({
  title,
  text,
  entries,
}: Section & { readonly entries: readonly CatalogueEntry[] }): string[] => [
  `## ${title}`,
  "",
  ...(text === "" ? [] : [text, ""]),
  "| metric | kind | labels | unit | meaning |",
  "| --- | --- | --- | --- | --- |",
  ...entries.map(
    (entry) =>
      `| \`${entry.name}\`${entry.isOfEachWorker ? " ◇" : ""} | ${entry.kind} | ${entry.labels.map((label) => `\`${label}\``).join(", ") || "–"} | ${unitOf(entry)} | ${meaningOf(entry)} |`,
  ),
  "",
];

/** As Prometheus has it: the unit is in the name. */
export const unitOf = ({ name, kind }: Pick<CatalogueEntry, "name" | "kind">): string => {
  const [, unit] = /_(seconds|bytes|characters)(?:_total)?$/.exec(name) ?? [];
  if (unit !== undefined) return unit === "seconds" ? "s" : unit;
  return kind === "counter" ? "count" : "number";
};

const meaningOf = (entry: CatalogueEntry): string => {
  const { help, isOfWorkersOnly, processes } = entry;
  const sentence = help.trim().replaceAll("|", "\\|").replace(/\.?$/, ".");
  const only = isOfWorkersOnly ? " Of a router with several workers." : "";
  const without = PROCESSES.filter((name) => !processes.includes(name));
  const isOfSome = isOfEvents(entry) && !isOf(entry, ...SUBGRAPHS);
  const events = isOfSome ? " Of subgraphs with events." : "";
  return `${sentence}${only}${events}${without.length === 1 ? ` Not of ${without[0]}.` : ""}`;
};
