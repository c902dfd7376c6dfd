import { type Requirement, satisfies, type Verdict, type Viewer } from "@supergraph/service";
import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { fragmentsOf } from "./fragments.ts";
import type { Requirements } from "./planning/requirements.ts";

export interface Refusal {
  readonly verdict: Exclude<Verdict, "allowed">;
  /** What may not be seen: `Query.orders`, or a type. */
  readonly coordinate: string;
  /** Where the operation asks for it first; without list indexes, since nothing was executed. */
  readonly path: readonly string[];
}

export interface OperationToAuthorize {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced: with the defaults of the operation filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * What of a validated operation `viewer` may not see, each coordinate once; empty when all of it is allowed. A field of
 * an interface stands for that field of every type behind it. What `@skip` or `@include` leave out is not asked for.
 */
export const refusalsOf = (
  { schema, requirements }: { schema: GraphQLSchema; requirements: Requirements },
  { document, operation, variables }: OperationToAuthorize,
  viewer: Viewer | null,
): Refusal[] => {
  if (requirements.size === 0) return [];
  const fragments = fragmentsOf(document);
  const visited = new Set<string>();
  const refusals = new Map<string, Refusal>();

  const check = (coordinate: string, path: readonly string[]): void => {
    const requirement: Requirement | undefined = requirements.get(coordinate);
    if (!requirement || refusals.has(coordinate)) return;
    const verdict = satisfies(viewer, requirement);
    if (verdict !== "allowed") refusals.set(coordinate, { verdict, coordinate, path });
  };

  const walk = (parent: GraphQLCompositeType, { selections }: SelectionSetNode, path: readonly string[]): void => {
    for (const selection of selections) {
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        // `__typename` tells nothing that is guarded; `__schema` and `__type` are no data.
        if (name.startsWith("__") || isUnionType(parent)) continue;
        const fieldPath = [...path, selection.alias?.value ?? name];
        check(`${parent.name}.${name}`, fieldPath);
        if (isAbstractType(parent))
          for (const type of schema.getPossibleTypes(parent)) {
            check(type.name, path);
            check(`${type.name}.${name}`, fieldPath);
          }
        const field = parent.getFields()[name];
        if (!field) continue;
        const type = getNamedType(field.type);
        check(type.name, fieldPath);
        if (selection.selectionSet && isCompositeType(type)) walk(type, selection.selectionSet, fieldPath);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walkFragment(selection.typeCondition?.name.value ?? parent.name, selection.selectionSet, path);
      } else if (!visited.has(selection.name.value)) {
        // Once is enough: what a fragment asks for does not depend on where it is spread.
        visited.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) walkFragment(fragment.typeCondition.name.value, fragment.selectionSet, path);
      }
    }
  };

  const walkFragment = (typeName: string, selectionSet: SelectionSetNode, path: readonly string[]): void => {
    const type = schema.getType(typeName);
    if (!isCompositeType(type)) return;
    check(type.name, path);
    walk(type, selectionSet, path);
  };

  const root = schema.getRootType(operation.operation);
  if (root) walkFragment(root.name, operation.selectionSet, []);
  return [...refusals.values()];
};

/** Leaves out only what execution surely leaves out: the literal or variable is exactly the Boolean that says so. */
export const isIncluded = ({ directives = [] }: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean =>
  !directives.some((directive) => {
    const name = directive.name.value;
    if (name !== "skip" && name !== "include") return false;
    const condition = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
    const value =
      condition?.kind === Kind.BOOLEAN
        ? condition.value
        : condition?.kind === Kind.VARIABLE
          ? variables[condition.name.value]
          : undefined;
    return value === (name === "skip");
  });
