import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from "graphql";
import { isIncluded } from "../authorization.ts";
import { fragmentsOf } from "../fragments.ts";

export interface Selections {
  /** Everything selected on an object of `type`, by response name, in the order in which the specification answers it. */
  collect(type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): ReadonlyMap<string, readonly FieldNode[]>;
}

/** @param conditions Of the variables that `@skip` and `@include` ask. */
export const readSelections = (
  schema: GraphQLSchema,
  document: DocumentNode,
  conditions: Readonly<Record<string, unknown>>,
): Selections => {
  const fragments = fragmentsOf(document);

  const applies = (typeName: string | undefined, type: GraphQLCompositeType): boolean => {
    if (typeName === undefined || typeName === type.name) return true;
    const condition = schema.getType(typeName);
    return (
      isAbstractType(condition) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(condition, type)
    );
  };

  return {
    collect(type, sets) {
      const found = new Map<string, FieldNode[]>();
      const spread = new Set<string>();
      const walk = ({ selections }: SelectionSetNode): void => {
        for (const selection of selections) {
          if (!isIncluded(selection, conditions)) continue;
          if (selection.kind === Kind.FIELD) {
            const name = selection.alias?.value ?? selection.name.value;
            const others = found.get(name);
            if (others) others.push(selection);
            else found.set(name, [selection]);
          } else if (selection.kind === Kind.INLINE_FRAGMENT) {
            if (applies(selection.typeCondition?.name.value, type)) walk(selection.selectionSet);
          } else if (!spread.has(selection.name.value)) {
            spread.add(selection.name.value);
            const fragment = fragments.get(selection.name.value);
            if (fragment && applies(fragment.typeCondition.name.value, type)) walk(fragment.selectionSet);
          }
        }
      };
      for (const set of sets) walk(set);
      return found;
    },
  };
};

/** The variables that decide which parts of an operation are asked for, in the order of their definition. */
export const conditionsOf = (document: DocumentNode, operation: OperationDefinitionNode): readonly string[] => {
  const asked = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      if (name.value !== "skip" && name.value !== "include") return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) asked.add(value.name.value);
    },
  });
  return (operation.variableDefinitions ?? [])
    .map(({ variable }) => variable.name.value)
    .filter((name) => asked.has(name));
};
