import { createChanges } from "./changes.ts";
import { deriveNames, type Wanted } from "./names.ts";
import { describeOwner, expectUnused, freePort, read, readRepository } from "./repository.ts";
import type { Step } from "./steps.ts";
import { type GeneratedFile, renderTemplates, type Values } from "./templates.ts";
import { WIRING } from "./wiring/wiring.ts";

export interface Generated {
  readonly name: string;
  readonly port: number;
  readonly query: string;
  /** What was made, or changed, from the root; without what the steps made. */
  readonly files: readonly string[];
}

export interface Order {
  readonly root: string;
  readonly wanted: Wanted;
  readonly steps: readonly Step[];
  /** Hears what is being done. */
  readonly tell: (line: string) => void;
  readonly stop?: AbortSignal | undefined;
}

/** Files that steps write beside the new folder. */
const WRITTEN_BY_STEPS = [
  "package-lock.json",
  "schema/supergraph.graphql",
  "schema/api.graphql",
  "schema/src/generated/operations.ts",
  "docs/metrics.md",
  "deploy/observability/grafana/dashboards/subgraphs.json",
];

/**
 * Makes the folder of a new subgraph, enters it wherever subgraphs are known, and runs `steps` on the outcome. All is decided
 * before the first file is written; when a step fails, everything is as it was.
 * @throws NewSubgraphError
 */
export const generateSubgraph = async ({ root, wanted, steps, tell, stop }: Order): Promise<Generated> => {
  const names = deriveNames(wanted);
  const repository = readRepository(root);
  expectUnused(repository, names);
  const values: Values = {
    ...names,
    port: freePort(repository),
    ownerDescription: describeOwner(repository, names),
    versions: repository.versions,
    node: repository.node,
  };
  const folder = `subgraphs/${names.subgraph.kebab}`;
  const made = renderTemplates("subgraph", folder, values);
  const edited = WIRING.map(({ path, apply }): GeneratedFile => ({ path, text: apply(read(root, path), values) }));
  const files = [...made, ...edited];

  const changes = createChanges(root);
  changes.add(folder);
  for (const path of WRITTEN_BY_STEPS) changes.remember(path);
  for (const { name } of repository.subgraphs) changes.remember(`subgraphs/${name}/src/generated/resolvers.ts`);
  try {
    for (const { path, text } of files) changes.write(path, text);
    tell(`${made.length} files in ${folder}, ${edited.length} files that know of it now`);
    for (const step of steps) {
      tell(step.title);
      await step.run({ root, folder, files: files.map(({ path }) => path), stop });
    }
  } catch (error) {
    changes.undo();
    throw error;
  }
  const { owner, entities } = names;
  return {
    name: names.subgraph.kebab,
    port: values.port,
    query: `{ ${owner.camel}(id: "…") { id ${entities.camel}(first: 3) { edges { node { id text } } } } }`,
    files: files.map(({ path }) => path),
  };
};
