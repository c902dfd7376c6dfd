import { graphQLError, type HandedSpan } from "@supergraph/service";
import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  type ValidationContext,
  validate,
} from "graphql";
import { type CacheNumbers, createBoundedCache } from "./bounded-cache.ts";
import type { CompleteRouterConfig } from "./config/settings.ts";
import { checkDocument, checkText } from "./limits.ts";

export type PreparedDocument =
  | { readonly kind: "ready"; readonly document: DocumentNode }
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

export interface Documents {
  /** The same text gives the same document object while it is remembered. `span` is told what it takes otherwise. */
  prepare(text: string, span?: HandedSpan): PreparedDocument;
  /** So many texts at most, those that were asked for most often first. */
  mostUsed(count: number): string[];
  numbers(): CacheNumbers;
}

const MAX_VALIDATION_ERRORS = 20;

/**
 * Parses and validates operations, and refuses what exceeds the limits before anything of it is executed. Limits come
 * before validation, some of whose rules are quadratic in the number of fields.
 */
export const createDocuments = (options: {
  readonly schema: GraphQLSchema;
  readonly limits: CompleteRouterConfig["limits"];
  readonly caches: Pick<CompleteRouterConfig["caches"], "documentCharacters" | "documentLength">;
  readonly introspection: boolean;
}): Documents => {
  const { schema, limits, caches } = options;
  const rules = [...specifiedRules, trueTypeNames, ...(options.introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  const ready = createBoundedCache<PreparedDocument>(caches.documentCharacters);

  const parseText = (text: string): DocumentNode | readonly GraphQLError[] => {
    const tooNested = checkText(text);
    if (tooNested) return [tooNested];
    const document = parseDocument(text, limits.maxTokens);
    return document instanceof GraphQLError ? [document] : document;
  };

  const check = (document: DocumentNode): readonly GraphQLError[] => {
    const exceeded = checkDocument(document, limits);
    if (exceeded.length > 0) return exceeded;
    const invalid = validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS });
    return invalid.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED"));
  };

  const prepare = (text: string, span: HandedSpan | undefined): PreparedDocument => {
    const document = within(span, "graphql.parse", () => parseText(text));
    if (!("kind" in document)) return { kind: "refused", errors: document };
    const errors = within(span, "graphql.validate", () => check(document));
    return errors.length > 0 ? { kind: "refused", errors } : { kind: "ready", document };
  };

  return {
    prepare(text, span) {
      const known = ready.get(text);
      if (known) return known;
      const prepared = prepare(text, span);
      if (prepared.kind === "ready" && text.length <= caches.documentLength) ready.set(text, prepared);
      return prepared;
    },
    mostUsed: ready.mostUsed,
    numbers: ready.numbers,
  };
};

/** What `work` answers, and a span below `span` that tells how long it took; failed where it answers errors. */
const within = <Answer extends object>(span: HandedSpan | undefined, name: string, work: () => Answer): Answer => {
  if (!span?.isRecorded) return work();
  const child = span.child(name);
  const answer = work();
  child.end(Array.isArray(answer) && answer.length > 0);
  return answer;
};

/** Execution across subgraphs finds the type of an object under `__typename`: another field must not stand there. */
const trueTypeNames = (context: ValidationContext): ASTVisitor => ({
  Field(node) {
    if (node.alias?.value === "__typename" && node.name.value !== "__typename")
      context.reportError(
        new GraphQLError(`Field "${node.name.value}" cannot be called "__typename": choose another alias.`, {
          nodes: node,
        }),
      );
  },
});

const parseDocument = (text: string, maxTokens: number): DocumentNode | GraphQLError => {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return withCode(error, "GRAPHQL_PARSE_FAILED");
    throw error;
  }
};

const withCode = (error: GraphQLError, code: "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED"): GraphQLError => {
  const { message, extensions } = graphQLError(code, error.message);
  return new GraphQLError(message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    ...(error.source ? { source: error.source } : {}),
    ...(error.positions ? { positions: error.positions } : {}),
    extensions,
  });
};
