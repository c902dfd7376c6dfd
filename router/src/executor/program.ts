import type { QueryPlan } from "@apollo/query-planner";
import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { SubgraphAnswer } from "../subgraphs/call.ts";
import { compileFetch, type Fetch, type Progress, requestOf, type SubgraphRequest, takeRootAnswer } from "./fetch.ts";
import { createIntrospection } from "./introspection.ts";
import { JsonText } from "./json.ts";
import type { IsOfType } from "./object-types.ts";
import { type BrokenPromise, compileProjection } from "./projection.ts";
import { readSelections } from "./selections.ts";
import { compileStep, runStep, type Step } from "./steps.ts";

/** An operation, compiled once for given values of its conditions. */
export interface Program {
  /** @throws Error when the operation is a subscription, whose events are run one by one. */
  run(execution: Execution): Promise<Outcome>;
  /** Of a subscription; null for others. */
  readonly subscription: {
    readonly subgraph: string;
    /** What opens it. */
    request(variables: Execution["variables"]): SubgraphRequest;
    /** Completes what the subgraph tells with what others know. */
    runEvent(event: SubgraphAnswer, execution: Execution): Promise<Outcome>;
  } | null;
}

export interface Execution {
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Never rejects: a failure is an answer. */
  readonly call: (request: SubgraphRequest) => Promise<SubgraphAnswer>;
}

export interface Outcome {
  /** JSON; `null` in it where the answer as a whole is. */
  readonly data: JsonText;
  /** Of subgraphs. */
  readonly errors: readonly GraphQLError[];
  readonly broken: readonly BrokenPromise[];
}

export interface ProgramOptions {
  /** What clients may ask for. */
  readonly schema: GraphQLSchema;
  /** By the whole supergraph's types. */
  readonly isOfType: IsOfType;
  readonly plan: QueryPlan;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced values of the variables that `@skip` and `@include` ask. */
  readonly conditions: Readonly<Record<string, unknown>>;
}

export const compileProgram = ({
  schema,
  isOfType,
  plan,
  document,
  operation,
  conditions,
}: ProgramOptions): Program => {
  const project = compileProjection(schema, operation, readSelections(schema, document, conditions));
  const introspection = createIntrospection(schema, document, operation);
  const { node } = plan;
  const source: Fetch | null = node?.kind === "Subscription" ? compileFetch(node.primary, [], isOfType, null) : null;
  const step: Step = compileStep(node?.kind === "Subscription" ? node.rest : node, {
    isOfType,
    conditions,
    // Of two fields of a mutation the second may change what the first has brought.
    questions: operation.operation === "mutation" ? null : new Map(),
  });

  const finish = async (progress: Progress): Promise<Outcome> => {
    await runStep(step, progress);
    const { text, broken } = project(progress.data, introspection(progress.variables));
    return { data: new JsonText(text), errors: progress.errors, broken };
  };

  return {
    run(execution) {
      if (source) throw new Error("A subscription is run event by event.");
      return finish(begin(execution));
    },
    subscription: source && {
      subgraph: source.subgraph,
      request: (variables) => requestOf(source, variables),
      runEvent(event, execution) {
        const progress = begin(execution);
        takeRootAnswer(source, progress, [progress.data], event);
        return finish(progress);
      },
    },
  };
};

const begin = ({ variables, call }: Execution): Progress => ({ variables, call, data: {}, errors: [], brought: null });
