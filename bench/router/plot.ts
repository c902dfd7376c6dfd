import { QUERIES } from "./queries.ts";
import type { GatewayReport, Report } from "./report.ts";

const WIDTH = 760;
const LABELS = 250;
const FIGURES = 90;
const BAR = 22;
const GAP = 10;
const PANEL_HEAD = 40;
const MARGIN = 20;

/**
 * Bars of operations a CPU second with unique `Authorization`, one panel a query, each on a scale of its own. An SVG that
 * needs nothing else, and can be read on light and on dark.
 */
export const writePlot = ({ gateways, measurements }: Pick<Report, "gateways" | "measurements">): string => {
  const parts: string[] = [];
  let y = MARGIN;
  for (const query of QUERIES) {
    const shown = measurements
      .filter((one) => one.query === query.name && one.traffic === "unique")
      .sort((a, b) => b.operationsPerCpuSecond - a.operationsPerCpuSecond);
    if (shown.length === 0) continue;
    parts.push(
      `<text class="head" x="${MARGIN}" y="${y + 16}">${escaped(query.title)}: operations a CPU second</text>`,
    );
    y += PANEL_HEAD;
    const longest = Math.max(...shown.map((one) => one.operationsPerCpuSecond));
    for (const one of shown) {
      const width = Math.max(1, ((WIDTH - LABELS - FIGURES - MARGIN) * one.operationsPerCpuSecond) / longest);
      parts.push(bar(y, width, titleOf(gateways, one.gateway), one.operationsPerCpuSecond, one.gateway === "ours"));
      y += BAR + GAP;
    }
    y += GAP;
  }
  const height = y + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Operations a CPU second of the router and its peers">
<style>
  text { font: 14px system-ui, sans-serif; fill: #1f2328; }
  .head { font-weight: 600; }
  .back { fill: #ffffff; }
  .peer { fill: #8c959f; }
  .ours { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .back { fill: #0d1117; }
    .peer { fill: #6e7681; }
    .ours { fill: #4493f8; }
  }
</style>
<rect class="back" width="${WIDTH}" height="${height}"/>
${parts.join("\n")}
</svg>
`;
};

const bar = (y: number, width: number, title: string, value: number, ours: boolean): string => {
  const middle = y + BAR / 2 + 5;
  return [
    `<text x="${LABELS}" y="${middle}" text-anchor="end">${escaped(title)}</text>`,
    `<rect class="${ours ? "ours" : "peer"}" x="${LABELS + 10}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
    `<text x="${(LABELS + 18 + width).toFixed(1)}" y="${middle}">${Math.round(value).toLocaleString("en")}</text>`,
  ].join("\n");
};

const titleOf = (gateways: readonly Pick<GatewayReport, "name" | "title">[], name: string): string =>
  gateways.find((one) => one.name === name)?.title ?? name;

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
