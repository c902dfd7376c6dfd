import type { Comparison } from "../../check/comparison.ts";
import { CheckSettings } from "../../check/config.ts";
import { openState, type ServableState } from "../../check/state.ts";
import type { Finding, Side } from "../../findings/finding.ts";
import type { FileTree } from "../../revisions/file-tree.ts";
import { readOperations } from "../../revisions/operations.ts";

/** SDL by the name of a subgraph; what begins with `extend schema` or `schema` links for itself. */
export type Subgraphs = Readonly<Record<string, string>>;

export interface Case {
  readonly base: Subgraphs;
  readonly head: Subgraphs;
  /** By path in the folder of operations: `shop/A.graphql`, `traffic.yaml`. */
  readonly operations?: Readonly<Record<string, string>>;
  /** As the base has them; those of the head unless given. */
  readonly formerOperations?: Readonly<Record<string, string>>;
  readonly owners?: Readonly<Record<string, string>>;
  readonly contracts?: Readonly<Record<string, { readonly include?: string[]; readonly exclude?: string[] }>>;
  readonly urls?: {
    readonly base?: Readonly<Record<string, string>>;
    readonly head?: Readonly<Record<string, string>>;
  };
}

/** One line, before what a test writes: it links to all of federation. */
export const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@tag", "@interfaceObject", "@authenticated", "@requiresScopes", "@cost", "@listSize", "@composeDirective"])\n`;

/** Two states as a check opens them. Each subgraph is in `<name>.graphql`, and its first line is the link. */
export const comparisonOf = async (given: Case): Promise<Comparison> => {
  const operations = given.operations ?? {};
  return {
    base: await stateOf(given.base, "base", given.formerOperations ?? operations, given.urls?.base),
    head: await stateOf(given.head, "head", operations, given.urls?.head),
    config: CheckSettings.parse({ owners: given.owners ?? {}, contracts: given.contracts ?? {} }),
  };
};

/** `ERROR_CODE severity Coordinate [subgraphs] file:line:column(side)`. */
export const told = ({ code, severity, coordinate, subgraphs, locations }: Finding): string =>
  [
    code,
    severity,
    coordinate ?? "-",
    `[${subgraphs.join(" ")}]`,
    ...locations.map(({ path, line, column, side }) => `${path}:${line}:${column}${side === "base" ? "(base)" : ""}`),
  ].join(" ");

const stateOf = async (
  subgraphs: Subgraphs,
  side: Side,
  operations: Readonly<Record<string, string>>,
  urls: Readonly<Record<string, string>> = {},
): Promise<ServableState> => {
  const revision = {
    name: side,
    subgraphs: Object.entries(subgraphs).map(([name, sdl]) => ({
      name,
      url: urls[name] ?? `http://localhost/${name}`,
      path: `${name}.graphql`,
      sdl: /^(extend )?schema\b/.test(sdl.trim()) ? sdl.trim() : LINK + sdl.trim(),
    })),
    operations: await readOperations(treeOf(operations), "operations"),
    events: null,
  };
  const opened = await openState(revision, side, { cache: null });
  if (opened.kind !== "servable")
    throw new Error(opened.findings.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return opened.state;
};

const treeOf = (files: Readonly<Record<string, string>>): FileTree => ({
  name: "memory",
  read: async (paths) => paths.map((path) => files[path.slice("operations/".length)] ?? null),
  list: async () => Object.keys(files).map((path) => `operations/${path}`),
});
