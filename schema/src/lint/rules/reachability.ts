import { isTypeDefinitionNode, type TypeNode } from "graphql";
import { type Directive, type Field, isInaccessible, type LintGraph, type Part, type Type } from "../graph.ts";
import type { Rule } from "../rule.ts";
import { nameOf } from "../type-shapes.ts";

/**
 * Every type is led to from a root field of some subgraph. What is @inaccessible may wait for its time; what a directive takes is
 * there for the directive.
 */
export const reachability: Rule = {
  graph({ graph, report }) {
    const roots = [...graph.types.values()].filter(({ root }) => root !== null);
    if (roots.length === 0) return;
    const reached = reach(graph, roots);
    const leadingTo = new Map<string, Set<string>>();
    for (const type of graph.types.values()) {
      if (reached.has(type.name)) continue;
      for (const name of mentionedBy(type)) {
        const known = leadingTo.get(name);
        if (known) known.add(type.name);
        else leadingTo.set(name, new Set([type.name]));
      }
    }
    for (const type of graph.types.values()) {
      if (reached.has(type.name) || isInaccessible(type)) continue;
      const only = [...(leadingTo.get(type.name) ?? [])].filter((name) => name !== type.name).sort();
      report(
        "LINT_TYPE_UNREACHABLE",
        type,
        {
          message: `No root field leads to ${type.name}.`,
          details: only.length > 0 ? [`only unreachable types mention it: ${only.join(", ")}`] : [],
        },
        [...type.parts].sort((a, b) => Number(isTypeDefinitionNode(b.node)) - Number(isTypeDefinitionNode(a.node))),
      );
    }
  },
};

const reach = ({ types, directives, possibleTypes }: LintGraph, roots: readonly Type[]): ReadonlySet<string> => {
  const reached = new Set(roots.map(({ name }) => name));
  // What a field may give brings its possible types; what is merely implemented does not.
  const given = new Set<string>();
  const waiting: string[] = [...reached];
  const mention = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    waiting.push(name);
  };
  const give = (name: string): void => {
    if (given.has(name)) return;
    given.add(name);
    mention(name);
    for (const possible of possibleTypes.get(name) ?? []) give(possible);
  };
  const mentionArguments = (element: Field | Directive): void => {
    for (const { parts } of element.arguments.values()) for (const { node } of parts) mention(nameOf(node.type));
  };
  for (const directive of directives.values()) mentionArguments(directive);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const type = types.get(name);
    if (!type) continue;
    for (const implemented of type.interfaces) mention(implemented);
    for (const field of type.fields.values()) {
      for (const { node } of field.parts) give(nameOf(node.type));
      mentionArguments(field);
    }
    for (const { parts } of type.inputFields.values()) for (const { node } of parts) mention(nameOf(node.type));
  }
  return reached;
};

/** The types whose names stand in a type, its interfaces aside. */
const mentionedBy = ({ members, fields, inputFields }: Type): string[] => {
  const given = [...fields.values()].flatMap((field) => [field, ...field.arguments.values()]);
  return [
    ...members,
    ...[...given, ...inputFields.values()].flatMap(({ parts }) =>
      parts.map(({ node }: Part<{ readonly type: TypeNode }>) => nameOf(node.type)),
    ),
  ];
};
