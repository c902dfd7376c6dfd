import type { QueryPlan } from "@apollo/query-planner";
import { type DocumentNode, type GraphQLSchema, print } from "graphql";
import type { OperationRequest } from "./core.ts";
import { createIsOfType } from "./executor/object-types.ts";
import { compileProgram, type Program } from "./executor/program.ts";
import { conditionsOf } from "./executor/selections.ts";
import type { PlanAnswer, Planner } from "./planning/planner.ts";

/** A plan, and what was compiled of it, each for other values of its conditions. */
interface Planned {
  readonly kind: "planned";
  readonly plan: QueryPlan;
  /** Variables that `@skip` and `@include` ask. */
  readonly conditions: readonly string[];
  readonly programs: Map<string, Program>;
}

export type Prepared =
  | { readonly kind: "ready"; readonly program: Program; readonly plan: QueryPlan }
  | Extract<PlanAnswer, { kind: "refused" }>;

export interface Programs {
  /** The variables of the request are coerced ones. What is known already is answered at once. */
  prepare(request: OperationRequest): Prepared | Promise<Prepared>;
}

export interface ProgramsOptions {
  /** What clients may ask for. */
  readonly schema: GraphQLSchema;
  readonly planner: Planner;
  /** More ways through one operation are compiled each time: a client that uses them all would fill the memory. */
  readonly programsPerOperation: number;
  /** Told of each operation that was planned, and the seconds that it took. */
  readonly onPlanned?: (outcome: PlanAnswer["kind"], seconds: number) => void;
}

/**
 * Plans and compiles. What comes of it lives as long as the parsed document that it is of, which caches of documents bound.
 */
export const createPrograms = (options: ProgramsOptions): Programs => {
  const { schema, planner, programsPerOperation } = options;
  const isOfType = createIsOfType(planner.facts.typeRelations);
  const planFor = createPlanFor(options);

  const compile = ({ document, operation, variables }: OperationRequest, planned: Planned): Prepared => {
    const { plan, conditions, programs } = planned;
    const key = conditions.map((name) => (variables[name] === true ? "1" : "0")).join("");
    const known = programs.get(key);
    if (known) return { kind: "ready", program: known, plan };
    const values = Object.fromEntries(conditions.map((name) => [name, variables[name] === true]));
    const program = compileProgram({ schema, isOfType, plan, document, operation, conditions: values });
    if (programs.size < programsPerOperation) programs.set(key, program);
    return { kind: "ready", program, plan };
  };

  return {
    prepare(request) {
      const planned = planFor(request);
      const finish = (answer: PlannedOrRefused) => (answer.kind === "planned" ? compile(request, answer) : answer);
      return planned instanceof Promise ? planned.then(finish) : finish(planned);
    },
  };
};

type PlannedOrRefused = Planned | Extract<PlanAnswer, { kind: "refused" }>;

const createPlanFor = ({ planner, onPlanned = () => undefined }: ProgramsOptions) => {
  const plans = new WeakMap<DocumentNode, Map<string, PlannedOrRefused | Promise<PlannedOrRefused>>>();

  const plan = async ({ document, operation }: OperationRequest, name: string): Promise<PlannedOrRefused> => {
    const startedAt = performance.now();
    const answer = await planner.plan({ document: textOf(document), operationName: name });
    onPlanned(answer.kind, (performance.now() - startedAt) / 1_000);
    if (answer.kind === "refused") return answer;
    return { ...answer, conditions: conditionsOf(document, operation), programs: new Map<string, Program>() };
  };

  return (request: OperationRequest): PlannedOrRefused | Promise<PlannedOrRefused> => {
    const { document, operation } = request;
    const name = operation.name?.value ?? "";
    const ofDocument = plans.get(document) ?? new Map<string, PlannedOrRefused | Promise<PlannedOrRefused>>();
    plans.set(document, ofDocument);
    const known = ofDocument.get(name);
    if (known) return known;
    // Who asks meanwhile waits for the same answer.
    const asked = plan(request, name).then(
      (answer) => {
        // What is too hard once is so each time; that others waited is not.
        if (answer.kind === "refused" && answer.reason === "too many waiting") ofDocument.delete(name);
        else ofDocument.set(name, answer);
        return answer;
      },
      (error: unknown) => {
        ofDocument.delete(name);
        throw error;
      },
    );
    ofDocument.set(name, asked);
    return asked;
  };
};

const textOf = (document: DocumentNode): string => document.loc?.source.body ?? print(document);
