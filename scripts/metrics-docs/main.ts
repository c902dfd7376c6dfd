import { readFile, writeFile } from "node:fs/promises";
import { readCatalogue } from "./catalogue.ts";
import { renderDashboards } from "./dashboards/dashboards.ts";
import { renderDocument } from "./document.ts";
import { renderObjectiveRules } from "./objective-rules.ts";
import { renderPrometheusRule } from "./prometheus-rule.ts";

/** Writes docs/metrics.md, the rules that follow from others, and Grafana's dashboards; with `--check` only tells whether they are what would be written. */
const FILES = {
  "docs/metrics.md": renderDocument(readCatalogue()),
  "deploy/observability/prometheus/rules/objectives.yaml": renderObjectiveRules(),
  "deploy/k8s/overlays/production/alerts.yaml": renderPrometheusRule(),
  ...renderDashboards(),
};
const root = new URL("../../", import.meta.url);

for (const [name, text] of Object.entries(FILES)) {
  const path = new URL(name, root);
  if (!process.argv.includes("--check")) await writeFile(path, text);
  else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    process.stderr.write(`${name} is not what the code registers: run 'npm run docs:metrics' and commit.\n`);
    process.exitCode = 1;
  }
}
