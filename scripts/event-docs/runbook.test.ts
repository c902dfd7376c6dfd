import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const runbook = readFileSync(new URL("docs/runbook.md", root), "utf8");

/** What services are made of, without their tests. */
const sources = ["packages", "subgraphs", "router/src"]
  .flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|\/(dist|node_modules|generated|testing)\//.test(file))
  .map((file) => readFileSync(new URL(file, root), "utf8"))
  .join("\n");

const unique = (matches: Iterable<RegExpMatchArray>): string[] => [
  ...new Set([...matches].map(([, found = ""]) => found)),
];

describe("the runbook names what there is:", () => {
  it.each(unique(runbook.matchAll(/\b(supergraph_[a-z_]+[a-z])/g)))("the metric %s", (name) => {
    // A histogram's name is the part before these.
    expect(sources).toContain(name.replace(/_(count|sum|bucket)$/, ""));
  });

  it.each(unique(runbook.matchAll(/`([a-z][a-z']*(?:[ \n][a-z',:-]+){4,})`/g)))("the log line %j", (line) => {
    expect(sources).toContain(line.replaceAll("\n", " "));
  });

  it.each(unique(runbook.matchAll(/\b((?:NATS|ORDERS)_[A-Z_]+[A-Z])\b/g)))("the variable %s", (name) => {
    const forTheReader = ["NATS_MONITOR", "NATS_TLS", "ORDERS_DATABASE_URL"];
    if (!forTheReader.includes(name)) expect(sources).toContain(name);
  });

  it("its own sections, and those of the catalogue", () => {
    const anchorsOf = (text: string) =>
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
    const events = readFileSync(new URL("docs/events.md", root), "utf8");
    for (const [, file = "", anchor = ""] of runbook.matchAll(/\]\((events\.md)?#([\w-]+)\)/g))
      expect(anchorsOf(file === "" ? runbook : events), anchor).toContain(anchor);
    for (const [, anchor = ""] of events.matchAll(/\]\(runbook\.md#([\w-]+)\)/g))
      expect(anchorsOf(runbook)).toContain(anchor);
    for (const [, anchor = ""] of events.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchorsOf(events)).toContain(anchor);
  });
});
