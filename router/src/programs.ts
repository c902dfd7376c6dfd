import { operationFromDocument } from "@apollo/federation-internals";
import type { QueryPlan } from "@apollo/query-planner";
import type { DocumentNode } from "graphql";
import { createIsOfType } from "./executor/object-types.ts";
import { compileProgram, type Program } from "./executor/program.ts";
import { conditionsOf } from "./executor/selections.ts";
import type { OperationRequest } from "./gateway.ts";
import type { LoadedSupergraph } from "./supergraph.ts";

/** A plan, and what was compiled of it, each for other values of its conditions. */
interface Planned {
  readonly plan: QueryPlan;
  /** Variables that `@skip` and `@include` ask. */
  readonly conditions: readonly string[];
  readonly programs: Map<string, Program>;
}

/** More ways through one operation are compiled each time: a client that uses them all would fill the memory. */
const PROGRAMS_OF_AN_OPERATION = 32;

/**
 * Plans and compiles. What comes of it lives as long as the parsed document that it is of, which caches of documents bound.
 * The variables of the request are coerced ones.
 */
export const createProgramFor = (supergraph: LoadedSupergraph): ((request: OperationRequest) => Program) => {
  const { schema } = supergraph;
  const isOfType = createIsOfType(supergraph.supergraphSchema);
  const planFor = createPlanFor(supergraph);
  return (request) => {
    const { document, operation, variables } = request;
    const { plan, conditions, programs } = planFor(request);
    const key = conditions.map((name) => (variables[name] === true ? "1" : "0")).join("");
    const known = programs.get(key);
    if (known) return known;
    const values = Object.fromEntries(conditions.map((name) => [name, variables[name] === true]));
    const program = compileProgram({ schema, isOfType, plan, document, operation, conditions: values });
    if (programs.size < PROGRAMS_OF_AN_OPERATION) programs.set(key, program);
    return program;
  };
};

const createPlanFor = ({ planner, apiSchema }: LoadedSupergraph) => {
  const plans = new WeakMap<DocumentNode, Map<string, Planned>>();
  return ({ document, operation }: OperationRequest): Planned => {
    const name = operation.name?.value ?? "";
    const ofDocument = plans.get(document) ?? new Map<string, Planned>();
    plans.set(document, ofDocument);
    const known = ofDocument.get(name);
    if (known) return known;
    const plan = planner.buildQueryPlan(
      operationFromDocument(apiSchema, document, name === "" ? {} : { operationName: name }),
      { recursiveSelectionsLimitDisabled: false, nonLocalSelectionsLimitDisabled: false },
    );
    const planned = { plan, conditions: conditionsOf(document, operation), programs: new Map<string, Program>() };
    ofDocument.set(name, planned);
    return planned;
  };
};
