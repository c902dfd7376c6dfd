import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

export const PROMETHEUS = new URL("../../deploy/observability/prometheus/", import.meta.url);
export const DASHBOARDS = new URL("../../deploy/observability/grafana/dashboards/", import.meta.url);

const Alert = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(["page", "ticket"]) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
const Recording = z.strictObject({ record: z.string(), expr: z.string() });
const RuleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([Alert, Recording])) })),
});

export type Alert = z.infer<typeof Alert>;

const rules = readdirSync(new URL("rules/", PROMETHEUS)).flatMap((file) =>
  RuleFile.parse(parse(readFileSync(new URL(`rules/${file}`, PROMETHEUS), "utf8"))).groups.flatMap(
    (group) => group.rules,
  ),
);

export const alerts: readonly Alert[] = rules.filter((rule) => "alert" in rule);
export const recordings = rules.filter((rule) => "record" in rule);

const Dashboard = z.object({
  title: z.string(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })) }),
  panels: z.array(
    z.object({
      type: z.string(),
      title: z.string(),
      gridPos: z.object({ h: z.number(), w: z.number(), x: z.number(), y: z.number() }),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).optional(),
    }),
  ),
});

export const dashboards = readdirSync(DASHBOARDS).map((file) =>
  Dashboard.parse(JSON.parse(readFileSync(new URL(file, DASHBOARDS), "utf8"))),
);

const ScrapeConfig = z.object({
  scrape_configs: z.array(
    z.object({
      job_name: z.string(),
      dns_sd_configs: z.array(z.object({ names: z.array(z.string()), port: z.number() })).optional(),
    }),
  ),
});

export const { scrape_configs: scrapeConfigs } = ScrapeConfig.parse(
  parse(readFileSync(new URL("prometheus.yml", PROMETHEUS), "utf8")),
);

export const alertTests = readdirSync(new URL("tests/", PROMETHEUS));
