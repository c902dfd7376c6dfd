import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { renderObjectiveRules } from "./objective-rules.ts";
import { PROMETHEUS } from "./rule-files.ts";

/** The whole of deploy/k8s/overlays/production/alerts.yaml: the same rules for Prometheus' operator. */
export const renderPrometheusRule = (): string => {
  const files = [renderObjectiveRules(), readFileSync(new URL("rules/symptoms.yaml", PROMETHEUS), "utf8")];
  const rule = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "supergraph" },
    spec: { groups: files.flatMap((text) => (parse(text) as { groups: unknown[] }).groups) },
  };
  return `# Written by \`npm run docs:metrics\` from deploy/observability/prometheus/rules: change those.\n${stringify(rule, { lineWidth: 0 })}`;
};
