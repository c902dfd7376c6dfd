import { BURNS, OBJECTIVES, type Objective, ratioOf, WINDOWS } from "./objectives.ts";

/** The whole of deploy/observability/prometheus/rules/objectives.yaml. */
export const renderObjectiveRules = (): string =>
  [
    "# Written by `npm run docs:metrics` from scripts/metrics-docs/objectives.ts: change that.",
    "groups:",
    ...OBJECTIVES.flatMap(renderGroup),
    "",
  ].join("\n");

const renderGroup = (objective: Objective): string[] => [
  `  - name: slo-${objective.name.replaceAll("_", "-")}`,
  "    rules:",
  ...(objective.before ? renderRecord(objective.before.record, objective.before.expr) : []),
  ...WINDOWS.flatMap((window) => renderRecord(ratioOf(objective.name, window), objective.ratio(window))),
  ...renderAlert(objective, "Fast"),
  ...renderAlert(objective, "Slow"),
];

const renderRecord = (record: string, expr: string): string[] => [
  `      - record: ${record}`,
  `        expr: '${expr}'`,
];

const SPEEDS = {
  Fast: { severity: "page", tells: "the budget of 30 days lasts for less than five days" },
  Slow: { severity: "ticket", tells: "the budget of 30 days does not last" },
} as const;

const renderAlert = (objective: Objective, speed: keyof typeof BURNS): string[] => {
  const { name, alert, budget, isEnough, summary, description, runbook } = objective;
  const { severity, tells } = SPEEDS[speed];
  return [
    `      - alert: ${alert}${speed}`,
    "        expr: |-",
    ...BURNS[speed].flatMap(({ rate, long, short }, index) => [
      ...(index > 0 ? ["          or"] : []),
      `          (${ratioOf(name, long)} > ${rate} * ${budget} and ${ratioOf(name, short)} > ${rate} * ${budget}${isEnough ? ` and ${isEnough(long)}` : ""})`,
    ]),
    "        labels:",
    `          severity: ${severity}`,
    "        annotations:",
    `          summary: ${summary}`,
    `          description: '{{ $value | humanizePercentage }} ${description} At this rate ${tells}.'`,
    `          runbook_url: docs/runbook.md#${runbook}`,
  ];
};
