import type { Dashboard, Panel, Row } from "./panel.ts";

const DATASOURCE = { type: "prometheus", uid: "prometheus" };
const GRID_WIDTH = 24;
const PANEL_HEIGHT = 8;
const STAT_HEIGHT = 4;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The dashboard as a file that Grafana provisions, formatted as the rest of the repository. */
export const renderDashboard = (dashboard: Dashboard): string => `${format(modelOf(dashboard), "")}\n`;

const modelOf = ({ uid, title, description, variables = [], rows }: Dashboard): Json => ({
  uid,
  title,
  description,
  tags: ["supergraph"],
  schemaVersion: 39,
  editable: false,
  graphTooltip: 1,
  refresh: "30s",
  time: { from: "now-3h", to: "now" },
  links: [
    {
      type: "dashboards",
      title: "Supergraph",
      tags: ["supergraph"],
      asDropdown: true,
      includeVars: false,
      keepTime: true,
    },
  ],
  annotations: {
    list: [
      {
        name: "Alerts",
        datasource: DATASOURCE,
        enable: true,
        iconColor: "red",
        expr: 'ALERTS{alertstate="firing",severity="page"}',
        titleFormat: "{{alertname}}",
      },
    ],
  },
  templating: {
    list: variables.map(({ name, label, query }) => ({
      type: "query",
      name,
      label,
      query,
      datasource: DATASOURCE,
      refresh: 2,
      multi: true,
      includeAll: true,
      allValue: ".*",
      sort: 1,
      current: { text: "All", value: "$__all" },
    })),
  },
  panels: panelsOf(rows),
});

const panelsOf = (rows: readonly Row[]): Json[] => {
  const panels: Json[] = [];
  let y = 0;
  for (const { title, panels: ofRow } of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      collapsed: false,
      gridPos: { h: 1, w: GRID_WIDTH, x: 0, y },
      panels: [],
    });
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const panel of ofRow) {
      const h = panel.kind === "stat" ? STAT_HEIGHT : PANEL_HEIGHT;
      if (x + panel.width > GRID_WIDTH) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      panels.push(panelModel(panel, panels.length + 1, { h, w: panel.width, x, y }));
      x += panel.width;
      lineHeight = Math.max(lineHeight, h);
    }
    y += lineHeight;
  }
  return panels;
};

const panelModel = (panel: Panel, id: number, gridPos: Readonly<Record<"h" | "w" | "x" | "y", number>>): Json => ({
  id,
  type: panel.kind,
  title: panel.title,
  ...(panel.description === undefined ? {} : { description: panel.description }),
  datasource: DATASOURCE,
  gridPos: { ...gridPos },
  fieldConfig: {
    defaults: {
      unit: panel.unit,
      min: 0,
      thresholds: { mode: "absolute", steps: thresholdsOf(panel) },
      ...(panel.kind === "timeseries" ? { custom: lineStyleOf(panel) } : {}),
    },
    overrides: [],
  },
  options: OPTIONS[panel.kind],
  targets: panel.queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend ?? "__auto",
    ...(panel.kind === "table" || panel.kind === "stat" ? { instant: true, range: false } : {}),
    ...(panel.kind === "table" ? { format: "table" } : {}),
  })),
});

const thresholdsOf = ({ redFrom }: Panel): Json[] =>
  redFrom === undefined
    ? [{ color: "green", value: null }]
    : [
        { color: "green", value: null },
        { color: "orange", value: redFrom / 2 },
        { color: "red", value: redFrom },
      ];

const lineStyleOf = ({ redFrom, stacked }: Panel): Json => ({
  lineWidth: 1,
  fillOpacity: stacked ? 30 : 5,
  showPoints: "never",
  stacking: { mode: stacked ? "normal" : "none", group: "A" },
  thresholdsStyle: { mode: redFrom === undefined ? "off" : "dashed" },
});

const OPTIONS: Readonly<Record<Panel["kind"], Json>> = {
  timeseries: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
  stat: {
    reduceOptions: { calcs: ["lastNotNull"] },
    colorMode: "value",
    graphMode: "none",
    textMode: "value_and_name",
  },
  table: { showHeader: true },
  "state-timeline": { showValue: "auto", legend: { displayMode: "list", placement: "bottom" } },
};

/** JSON as Biome formats it: each member of an object on a line of its own, a list of plain values on one. */
const format = (value: Json, indent: string): string => {
  const inner = `${indent}  `;
  if (isList(value)) {
    if (value.length === 0) return "[]";
    if (value.every((item) => typeof item !== "object" || item === null))
      return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    return `[\n${value.map((item) => inner + format(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${inner}${JSON.stringify(name)}: ${format(member, inner)}`,
  );
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
