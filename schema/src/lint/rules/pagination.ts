import { type FieldDefinitionNode, Kind, OperationTypeNode } from "graphql";
import { directiveOf, isInaccessible, type LintGraph, type Part } from "../graph.ts";
import type { Rule } from "../rule.ts";
import { answersAList, entryTypeOf, nameOf, textOfType } from "../type-shapes.ts";
import { isConnectionName } from "./connections.ts";

/**
 * Entities are what grows in number, so a list of them is read by the page. Nothing is said of a list that takes a page's size, of
 * one that answers as many as it is asked for, of what a mutation or an event gives, of a connection's shortcut `nodes`, of what
 * says its size with @listSize, and of what clients do not see.
 */
export const pagination: Rule = {
  graph({ graph, settings, report }) {
    const payloads = typesGivenBy(graph, OperationTypeNode.MUTATION);
    for (const type of graph.types.values()) {
      if (type.root !== null && type.root !== OperationTypeNode.QUERY) continue;
      if (isConnectionName(type.name) || payloads.has(type.name) || isInaccessible(type)) continue;
      for (const field of type.fields.values()) {
        const lists = field.parts.filter((part) => !part.isExternal && isGrowing(part, graph));
        const [first] = lists;
        if (!first || isInaccessible(field) || answersAList(field)) continue;
        if (settings.pageArguments.some((name) => field.arguments.has(name))) continue;
        const message = `${field.coordinate} is ${textOfType(first.node.type)}, entities that may become many, and has no pages.`;
        report("LINT_LIST_UNPAGINATED", field, { message }, lists);
      }
    }
  },
};

const typesGivenBy = (graph: LintGraph, root: OperationTypeNode): ReadonlySet<string> =>
  new Set(
    [...graph.types.values()]
      .filter((type) => type.root === root)
      .flatMap(({ fields }) => [...fields.values()].flatMap(({ parts }) => parts.map(({ node }) => nameOf(node.type)))),
  );

const isGrowing = ({ node, linked }: Part<FieldDefinitionNode>, graph: LintGraph): boolean => {
  const entry = entryTypeOf(node.type);
  if (entry === null || !mayBeEntity(nameOf(entry), graph)) return false;
  const listSize = directiveOf(node, linked, "listSize");
  return !listSize?.arguments?.some(({ name, value }) => name.value === "assumedSize" && value.kind === Kind.INT);
};

const mayBeEntity = (name: string, { types, possibleTypes }: LintGraph): boolean =>
  types.get(name)?.isEntity === true ||
  [...(possibleTypes.get(name) ?? [])].some((possible) => types.get(possible)?.isEntity === true);
