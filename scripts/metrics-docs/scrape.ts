import type { CatalogueEntry, ProcessName } from "./catalogue.ts";

interface ScrapedFamily {
  readonly name: string;
  readonly kind: string;
  readonly labels: ReadonlySet<string>;
}

/** What a scrape has, as Prometheus' text says it: `# TYPE` lines, and the labels of the samples below them. */
const readScrape = (text: string): readonly ScrapedFamily[] => {
  const families = new Map<string, ScrapedFamily & { readonly labels: Set<string> }>();
  let current: (ScrapedFamily & { readonly labels: Set<string> }) | undefined;
  for (const line of text.split("\n")) {
    const [, name, kind] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && kind !== undefined) {
      current = { name, kind, labels: new Set() };
      families.set(name, current);
    } else if (line !== "" && !line.startsWith("#")) {
      const [, sample = "", labels = ""] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /.exec(line) ?? [];
      const family = families.get(sample) ?? families.get(sample.replace(/_(bucket|count|sum)$/, "")) ?? current;
      for (const [, label = ""] of labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)) family?.labels.add(label);
    }
  }
  return [...families.values()];
};

/** What a real scrape of a process and the catalogue say differently, in words; none where they agree. */
export const differences = (
  text: string,
  {
    process,
    hasWorkers = false,
    catalogue,
  }: {
    readonly process: ProcessName;
    readonly hasWorkers?: boolean;
    readonly catalogue: readonly CatalogueEntry[];
  },
): readonly string[] => {
  const expected = new Map(
    catalogue
      .filter(({ processes, isOfWorkersOnly }) => processes.includes(process) && (hasWorkers || !isOfWorkersOnly))
      .map((entry) => [entry.name, entry]),
  );
  const scraped = readScrape(text);
  const names = new Set(scraped.map(({ name }) => name));
  return [
    ...[...expected.keys()]
      .filter((name) => !names.has(name))
      .map((name) => `${name} is in the catalogue, and not told`),
    ...scraped.flatMap(({ name, kind, labels }) => {
      const entry = expected.get(name);
      if (entry === undefined) return [`${name} is told, and not in the catalogue`];
      const known = [
        ...entry.labels,
        ...(kind === "histogram" ? ["le"] : []),
        ...(hasWorkers && entry.isOfEachWorker ? ["worker"] : []),
      ];
      return [
        ...(kind === entry.kind ? [] : [`${name} is a ${kind}, and a ${entry.kind} in the catalogue`]),
        ...[...labels].filter((label) => !known.includes(label)).map((label) => `${name} has a label ${label}`),
      ];
    }),
  ];
};
