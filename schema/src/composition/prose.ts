import type { Definitions } from "../revisions/definitions.ts";

/** What composition tells in its sentences only. */
export interface Told {
  /** In one line, without the subgraph that it begins with. */
  readonly headline: string;
  readonly details: readonly string[];
  /** Those that it names and that there are. */
  readonly subgraphs: readonly string[];
  /** The first that it names and that is defined. */
  readonly coordinate: string | null;
}

export const toldIn = (message: string, definitions: Definitions, known: ReadonlyMap<string, string>): Told => {
  const [owner = "", text = message] = /^\[([^\]]+)\] ([\s\S]*)$/.exec(message)?.slice(1) ?? [];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const subgraphs = [owner, ...namesIn(text)].filter((name) => known.has(name));
  return { ...headlineOf(lines), subgraphs, coordinate: coordinateIn(text, definitions) };
};

/** Some begin with an operation that shows the problem. */
const headlineOf = (lines: readonly string[]): Pick<Told, "headline" | "details"> => {
  const [first = "", ...more] = lines;
  const after = more.findIndex((line) => line.startsWith("Shared field "));
  if (!first.startsWith("For the following supergraph API query:") || after < 0)
    return { headline: first, details: more };
  const [headline = "", ...rest] = more.slice(after);
  const example = more.slice(0, after).join(" ").replaceAll(/\s+/g, " ").trim();
  return { headline, details: [...rest.map((line) => line.trim()), `for example: ${example}`] };
};

/** `subgraph "a"`, `subgraphs "a", "b" and "c"`, `"T.f" on "a" is marked`. */
const namesIn = (text: string): string[] => {
  const lists = [...text.matchAll(/\bsubgraphs? ((?:"[^"]+"(?:, and |, | and )?)+)/g)].map(([, list = ""]) => list);
  const marked = [...text.matchAll(/" on ("[^"]+") is marked/g)].map(([, name = ""]) => name);
  return [...lists, ...marked].flatMap((list) => [...list.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name));
};

const COORDINATE = /@?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?(?:\([A-Za-z_]\w*:\))?/;
const QUOTED = new RegExp(`"(${COORDINATE.source})"`, "g");
const BARE = new RegExp(COORDINATE, "g");

const coordinateIn = (text: string, definitions: Definitions): string | null => {
  const [, value, type] =
    /^Value "(\w+)" of enum type "(\w+)"/.exec(text) ??
    flipped(/^Enum type "(\w+)" .* value "(\w+)" is not defined/.exec(text));
  const candidates = [
    `${type ?? ""}.${value ?? ""}`,
    culpritIn(text) ?? "",
    ...[...text.matchAll(QUOTED)].map(([, quoted = ""]) => quoted),
    // Some are not quoted; a plain word that happens to be a type's name comes last.
    ...[...text.matchAll(BARE)].map(([bare]) => bare),
  ];
  return candidates.find((candidate) => definitions.of(candidate).length > 0) ?? null;
};

/** Of what does not fit its interface the latter is told first. */
export const culpritIn = (text: string): string | null =>
  /^(?:\[[^\]]+\] )?Interface field .* but (?:field )?"?([\w.]+(?:\(\w+:\))?)/.exec(text)?.[1] ?? null;

const flipped = (match: RegExpExecArray | null): readonly (string | undefined)[] => [
  match?.[0],
  match?.[2],
  match?.[1],
];
