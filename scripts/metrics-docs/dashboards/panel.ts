/** A query with what its lines are called. */
export interface Query {
  readonly expr: string;
  readonly legend?: string;
}

/** Grafana's units. */
export type Unit = "s" | "reqps" | "percentunit" | "short" | "bytes" | "ops" | "none";

export interface Panel {
  readonly kind: "timeseries" | "stat" | "table" | "state-timeline";
  readonly title: string;
  readonly description?: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Of 24. */
  readonly width: number;
  /** From where on it is red; from half of it, amber. */
  readonly redFrom?: number;
  readonly stacked?: true;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice at the head of a dashboard, of a label's values. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** `label_values(metric, label)` */
  readonly query: string;
}

export interface Dashboard {
  /** In its address: never change it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly Variable[];
  readonly rows: readonly Row[];
}

export const lines = (title: string, unit: Unit, queries: readonly Query[], more: Partial<Panel> = {}): Panel => ({
  kind: "timeseries",
  title,
  unit,
  queries,
  width: 8,
  ...more,
});

export const stat = (title: string, unit: Unit, expr: string, more: Partial<Panel> = {}): Panel => ({
  kind: "stat",
  title,
  unit,
  queries: [{ expr }],
  width: 4,
  ...more,
});

export const query = (expr: string, legend?: string): Query => ({ expr, ...(legend === undefined ? {} : { legend }) });

/** Of a histogram's buckets, by labels. */
export const quantiles = (series: string, by: readonly string[] = []): Query[] =>
  [0.5, 0.99].map((share) =>
    query(
      `histogram_quantile(${share}, sum by (${["le", ...by].join(", ")}) (rate(${series}[$__rate_interval])))`,
      [...by.map((label) => `{{${label}}}`), `p${share * 100}`].join(" "),
    ),
  );
