import { describe, expect, it } from "vitest";
import { writePlot } from "./plot.ts";
import { aMeasurement } from "./testing.ts";

const gateways = [
  { name: "ours", title: 'this <"router"> & none', settings: "", peakRssMb: 0, fetches: {} },
  { name: "apollo", title: "Apollo", settings: "", peakRssMb: 0, fetches: {} },
] as const;

const plot = () =>
  writePlot({
    gateways,
    measurements: [
      aMeasurement("apollo", "sixteen-fetches", 100),
      aMeasurement("ours", "sixteen-fetches", 1_000),
      aMeasurement("ours", "one-fetch", 9_000, "identical"),
    ],
  });

/** Names of elements that are opened and not closed, or closed and not opened. */
const unbalanced = (svg: string): string[] => {
  const open: string[] = [];
  for (const [, closing, name = "", selfClosing] of svg.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (selfClosing) continue;
    if (!closing) open.push(name);
    else if (open.pop() !== name) return [name];
  }
  return open;
};

describe("the plot", () => {
  it("is well-formed: elements are closed, and texts escaped", () => {
    const svg = plot();
    expect(unbalanced(svg)).toEqual([]);
    expect(svg).toContain("this &lt;&quot;router&quot;&gt; &amp; none");
    expect(svg.replace(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g, "")).not.toMatch(/[<>]|&(?!\w+;)/);
  });

  it("needs nothing from elsewhere", () => {
    expect(plot().replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|href|url\(|<script/);
  });

  it("has colours for light and for dark", () => {
    expect(plot()).toContain("prefers-color-scheme: dark");
  });

  it("has the longest bar first, and bars as long as their values", () => {
    const widths = [...plot().matchAll(/<rect class="(ours|peer)"[^>]* width="([\d.]+)"/g)].map(([, kind, width]) => [
      kind,
      Number(width),
    ]);
    expect(widths[0]?.[0]).toBe("ours");
    expect(Number(widths[0]?.[1]) / Number(widths[1]?.[1])).toBeCloseTo(10, 1);
  });

  it("shows unique Authorization alone, and no panel for what was not measured", () => {
    expect(plot()).not.toContain("one fetch");
  });

  it("is well-formed where nothing was measured", () => {
    expect(unbalanced(writePlot({ gateways, measurements: [] }))).toEqual([]);
  });
});
