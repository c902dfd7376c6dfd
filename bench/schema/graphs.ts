import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crossingOperation, subgraphSdl, TYPES_PER_SUBGRAPH } from "../reload/large-graph.ts";

/** A graph in files, as a repository has it, and the same as it was before one of its subgraphs changed. */
export interface GraphOnDisk {
  readonly name: string;
  readonly config: string;
  /** Of the state before. */
  readonly baseConfig: string;
}

/** As many as clients of a graph of that size are known to send: one for each five subgraphs. */
const SUBGRAPHS_PER_OPERATION = 5;

export const writeGraph = async (directory: string, subgraphs: number): Promise<GraphOnDisk> => {
  const sides = { head: join(directory, `${subgraphs}`), base: join(directory, `${subgraphs}-before`) };
  for (const [side, folder] of Object.entries(sides)) {
    const names = Array.from({ length: subgraphs }, (_, index) => `s${index}`);
    await mkdir(join(folder, "operations", "web"), { recursive: true });
    const entries = names.map(
      (name) => `  ${name}:\n    routing_url: http://${name}/graphql\n    schema:\n      file: ${name}.graphql\n`,
    );
    await Promise.all([
      writeFile(join(folder, "supergraph.yaml"), `subgraphs:\n${entries.join("")}`),
      ...names.map((name, index) =>
        writeFile(
          join(folder, `${name}.graphql`),
          // Version b has a field more in every tenth subgraph: of the head only the first has it.
          subgraphSdl(index, subgraphs, side === "head" && index === 0 ? "b" : "a"),
        ),
      ),
      ...Array.from({ length: Math.ceil(subgraphs / SUBGRAPHS_PER_OPERATION) }, (_, index) =>
        writeFile(join(folder, "operations", "web", `Crossing${index}.graphql`), crossingOperation(index, subgraphs)),
      ),
    ]);
  }
  return {
    name: `${subgraphs} subgraphs, ${subgraphs * TYPES_PER_SUBGRAPH} types`,
    config: join(sides.head, "supergraph.yaml"),
    baseConfig: join(sides.base, "supergraph.yaml"),
  };
};
