import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from "graphql";
import type { Introspect } from "./projection.ts";

/**
 * What the schema tells of itself. It takes long, and the same field always tells the same, unless it takes variables.
 */
export const createIntrospection = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ((variables: Readonly<Record<string, unknown>>) => Introspect) => {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const takesVariables = hasVariables({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments] });
  const known = new Map<string, string>();

  const introspect = (field: FieldNode, variables: Readonly<Record<string, unknown>>): string => {
    const question: OperationDefinitionNode = {
      kind: Kind.OPERATION_DEFINITION,
      operation: OperationTypeNode.QUERY,
      ...(operation.variableDefinitions ? { variableDefinitions: operation.variableDefinitions } : {}),
      selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
    };
    const { data, errors } = executeSync({
      schema,
      document: { kind: Kind.DOCUMENT, definitions: [question, ...fragments] },
      rootValue: {},
      variableValues: variables,
    });
    if (errors || !data) throw new Error("The schema cannot tell of itself.", { cause: errors?.[0] });
    // Undefined where `@skip` left it out, which nobody asks for.
    return JSON.stringify(data[field.alias?.value ?? field.name.value] ?? null);
  };

  return (variables) => (field) => {
    if (takesVariables) return introspect(field, variables);
    const name = field.alias?.value ?? field.name.value;
    const text = known.get(name) ?? introspect(field, variables);
    known.set(name, text);
    return text;
  };
};

const hasVariables = (document: DocumentNode): boolean => {
  let found = false;
  visit(document, {
    Variable() {
      found = true;
    },
  });
  return found;
};
