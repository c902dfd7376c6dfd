import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CANCEL_REASONS } from "../../subgraphs/orders/src/domain/order.ts";
import { SAGA_STATES } from "../../subgraphs/orders/src/domain/saga-model.ts";
import { CIRCUIT_STATES } from "../../subgraphs/payments/src/provider/circuit.ts";
import { PROCESSES, readCatalogue, seriesOf } from "./catalogue.ts";
import { readPromql } from "./promql.ts";
import { alerts, dashboards, recordings, scrapeConfigs } from "./rule-files.ts";

const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");

/** What every series has from Prometheus itself. */
const TARGET_LABELS = ["job", "instance"];

/** By the name of a series: the labels that it has. */
const known: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["up", new Set(TARGET_LABELS)],
  ["ALERTS", new Set(["alertname", "alertstate", "severity"])],
  ...readCatalogue().flatMap((entry) =>
    seriesOf(entry).map(
      (series) =>
        [
          series,
          new Set([
            ...TARGET_LABELS,
            ...entry.labels,
            ...(series.endsWith("_bucket") ? ["le"] : []),
            ...(entry.isOfEachWorker ? ["worker"] : []),
          ]),
        ] as const,
    ),
  ),
  ...recordings.map(({ record, expr }) => [record, new Set(readPromql(expr).grouping)] as const),
]);

/** Labels whose values are in the code: one that is misspelt would never be found. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "supergraph_sagas.state": SAGA_STATES,
  "supergraph_saga_oldest_seconds.state": SAGA_STATES,
  "supergraph_checkouts_total.outcome": ["PAID", "UNCONFIRMED", ...CANCEL_REASONS],
  "supergraph_subgraph_breaker.state": ["closed", "half-open", "open"],
  "supergraph_provider_breaker.state": CIRCUIT_STATES,
};

/** What is asked for and is nowhere, in words. */
const unknownIn = (expr: string): readonly string[] => {
  const { selectors, grouping } = readPromql(expr);
  const labels = new Set(selectors.flatMap(({ metric }) => [...(known.get(metric) ?? [])]));
  return [
    ...selectors.flatMap(({ metric, matchers }) => {
      const itsLabels = known.get(metric);
      if (!itsLabels) return [`the metric ${metric}`];
      return matchers.flatMap(({ label, values }) => {
        if (!itsLabels.has(label)) return [`the label ${label} of ${metric}`];
        const its = label === "job" ? [...PROCESSES, "prometheus"] : VALUES[`${metric}.${label}`];
        return values
          .filter((value) => its !== undefined && !value.startsWith("$") && !its.includes(value))
          .map((value) => `${label}="${value}" of ${metric}`);
      });
    }),
    ...grouping.filter((label) => !labels.has(label)).map((label) => `the label ${label}, to group by`),
  ];
};

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");

describe("what is looked for in expressions", () => {
  it("is found wherever it stands", () => {
    expect(unknownIn("sum by (job) (rate(supergraph_outbox_published_total[5m]))")).toEqual([]);
    expect(unknownIn("sum(rate(supergraph_outbox_publised_total[5m]))")).toEqual([
      "the metric supergraph_outbox_publised_total",
    ]);
    expect(unknownIn('1 - max(supergraph_sagas{status="X"}) > bool 3')).toEqual([
      "the label status of supergraph_sagas",
    ]);
    expect(unknownIn('absent(supergraph_sagas{state!~"RESERVING|RESERVED"})')).toEqual([
      'state="RESERVED" of supergraph_sagas',
    ]);
    expect(unknownIn("max by (consumer) (supergraph_outbox_depth)")).toEqual(["the label consumer, to group by"]);
    expect(unknownIn("supergraph_outbox_depth / on (queue) supergraph_relay_leader")).toEqual([
      "the label queue, to group by",
    ]);
    expect(() => readPromql("sum(rate(up[5m])")).toThrow("Not PromQL");
  });
});

describe("rules name only what there is:", () => {
  it.each(recordings.map(({ record, expr }) => [record, expr]))("%s", (_, expr) => {
    expect(unknownIn(expr)).toEqual([]);
  });

  it.each(alerts.map(({ alert, expr }) => [alert, expr]))("%s", (_, expr) => {
    expect(unknownIn(expr)).toEqual([]);
  });
});

describe("an alert", () => {
  it.each(
    alerts.map((alert) => [alert.alert, alert] as const),
  )("%s leads to its entry in the runbook, and back", (name, { labels: { severity }, annotations }) => {
    const [file, anchor = ""] = annotations.runbook_url.split("#");
    expect(file).toBe("docs/runbook.md");
    const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
    expect(headings).toContain(anchor);
    const row = runbook.split("\n").find((line) => line.startsWith("|") && line.match(new RegExp(`\\b${name}\\b`)));
    expect(row).toContain(`(#${anchor})`);
    expect(row?.includes(`**${name}**`), "bold in the runbook's table").toBe(severity === "page");
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))("%s tells only labels that it keeps", (_, {
    expr,
    annotations,
  }) => {
    const { selectors, grouping } = readPromql(expr);
    const kept = grouping.length > 0 ? grouping : selectors.flatMap(({ metric }) => [...(known.get(metric) ?? [])]);
    const told = [
      ...Object.values(annotations)
        .join(" ")
        .matchAll(/\$labels\.(\w+)/g),
    ].map(([, label]) => label);
    expect(kept).toEqual(expect.arrayContaining(told));
  });
});

describe.each(
  dashboards.map((dashboard) => [dashboard.title, dashboard] as const),
)("the dashboard %s", (_, dashboard) => {
  const targets = dashboard.panels.flatMap(({ title, targets: own = [] }) =>
    own.map((target) => ({ title, ...target })),
  );

  it("names only what there is", () => {
    for (const { title, expr } of targets) expect(unknownIn(expr), `${title}: ${expr}`).toEqual([]);
    for (const { query } of dashboard.templating.list) {
      const [, selector = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      expect(unknownIn(`count by (${label}) (${selector})`), query).toEqual([]);
    }
  });

  it("names lines by labels that they have", () => {
    for (const { title, expr, legendFormat } of targets) {
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      expect(readPromql(expr).grouping, title).toEqual(expect.arrayContaining(labels));
    }
  });

  it("uses only variables that it has", () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    for (const { expr } of targets)
      for (const [, name] of expr.matchAll(/\$(?!__)(\w+)/g)) expect(names, expr).toContain(name);
  });

  it("has panels that do not lie on each other", () => {
    const cells = new Set<string>();
    for (const { title, gridPos } of dashboard.panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(x, title).toBeLessThan(24);
          expect(cells, title).not.toContain(`${x},${y}`);
          cells.add(`${x},${y}`);
        }
  });
});

it("Prometheus scrapes every process, under its name", () => {
  const jobs = scrapeConfigs.map(({ job_name }) => job_name).filter((job) => job !== "prometheus");
  expect(jobs.sort()).toEqual([...PROCESSES].sort());
  for (const { job_name, dns_sd_configs } of scrapeConfigs)
    if (job_name !== "prometheus") expect(dns_sd_configs).toMatchObject([{ names: [job_name] }]);
});
