import type { OperationRequest } from "../core.ts";
import type { Program } from "../executor/program.ts";
import { plannerOf } from "../planning/local-planner.ts";
import type { LoadedSupergraph } from "../planning/supergraph.ts";
import { createPrograms } from "../programs.ts";

/** Plans and compiles what the planner accepts. */
export const createProgramFor = (supergraph: LoadedSupergraph): ((request: OperationRequest) => Promise<Program>) => {
  const { schema } = supergraph;
  const programs = createPrograms({ schema, planner: plannerOf(supergraph), programsPerOperation: 32 });
  return async (request) => {
    const prepared = await programs.prepare(request);
    if (prepared.kind === "refused") throw new Error(`The planner refuses the operation: ${prepared.reason}.`);
    return prepared.program;
  };
};
