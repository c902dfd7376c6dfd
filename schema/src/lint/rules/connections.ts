import type { FieldDefinitionNode, TypeNode } from "graphql";
import type { Field, LintGraph, Part, Type } from "../graph.ts";
import type { Report, Rule } from "../rule.ts";
import { entryTypeOf, isRequired, isTextual, nameOf, singleTypeOf, textOfType } from "../type-shapes.ts";

/** By Relay's specification of connections every type of such a name is one. */
export const isConnectionName = (name: string): boolean => name.endsWith("Connection");

/** `edges: [XEdge]` whose entries have `node` and `cursor`, and `pageInfo: PageInfo!`. */
export const connectionShape: Rule = {
  graph({ graph, report }) {
    const connections = [...graph.types.values()].filter(
      ({ name, kind }) => isConnectionName(name) && (kind === "object" || kind === "interface"),
    );
    const edges = new Set<Type>();
    for (const connection of connections) {
      const has = demandFields(connection, "LINT_CONNECTION_SHAPE", report);
      has("edges", "a list of edges, such as [XEdge!]!", (type) => {
        const entry = entryTypeOf(type);
        return entry !== null && isObject(entry, graph);
      });
      has("pageInfo", "PageInfo!", (type) => isRequired(type) && singleTypeOf(type)?.name.value === "PageInfo");
      for (const { node } of connection.fields.get("edges")?.parts ?? []) {
        const entry = entryTypeOf(node.type);
        const edge = entry && isObject(entry, graph) ? graph.types.get(nameOf(entry)) : undefined;
        if (edge) edges.add(edge);
      }
    }
    for (const edge of edges) {
      const has = demandFields(edge, "LINT_CONNECTION_SHAPE", report);
      has("node", "one entry, not a list", (type) => singleTypeOf(type) !== null);
      has("cursor", "String!, or a scalar of its own", (type) => isCursor(type, graph));
    }
  },
};

export const connectionArguments: Rule = {
  field(field, _type, { graph, report }) {
    const connection = graph.types.get(nameOfSingle(field) ?? "");
    if (!connection || !isConnectionName(connection.name) || connection.kind === "union") return;
    const own = field.parts.filter(({ isExternal }) => !isExternal);
    if (own.length === 0) return;
    const has = (name: string) => field.arguments.has(name);
    if (!(has("first") && has("after")) && !(has("last") && has("before"))) {
      const message = `${field.coordinate} gives a connection and does not take first and after, nor last and before.`;
      report("LINT_CONNECTION_ARGUMENTS", field, { message }, own);
    }
    for (const [name, wanted, fits] of PAGE_ARGUMENTS) {
      const argument = field.arguments.get(name);
      const wrong = argument?.parts.filter(({ node, isExternal }) => !isExternal && !fits(node.type, graph)) ?? [];
      const [first] = wrong;
      if (!argument || !first) continue;
      const message = `${argument.coordinate} is ${textOfType(first.node.type)}: a client's paging gives ${wanted}.`;
      report("LINT_CONNECTION_ARGUMENTS", argument, { message }, wrong);
    }
  },
};

export const pageInfoShape: Rule = {
  graph({ graph, report }) {
    const pageInfo = graph.types.get("PageInfo");
    if (!pageInfo || (pageInfo.kind !== "object" && pageInfo.kind !== "interface")) return;
    const has = demandFields(pageInfo, "LINT_PAGE_INFO_SHAPE", report);
    for (const name of ["hasNextPage", "hasPreviousPage"])
      has(name, "Boolean!", (type) => isRequired(type) && singleTypeOf(type)?.name.value === "Boolean");
    for (const name of ["startCursor", "endCursor"])
      has(name, "String, or a scalar of its own", (type) => isCursor(type, graph));
  },
};

const isCursor = (type: TypeNode, graph: LintGraph): boolean => {
  const single = singleTypeOf(type);
  return single !== null && isTextual(single.name.value, graph);
};

const isInt = (type: TypeNode): boolean => singleTypeOf(type)?.name.value === "Int";

const PAGE_ARGUMENTS: readonly (readonly [string, string, (type: TypeNode, graph: LintGraph) => boolean])[] = [
  ["first", "an Int", isInt],
  ["after", "a cursor", isCursor],
  ["last", "an Int", isInt],
  ["before", "a cursor", isCursor],
];

const isObject = (type: TypeNode, graph: LintGraph): boolean => {
  const kind = graph.types.get(singleTypeOf(type)?.name.value ?? "")?.kind;
  return kind === "object" || kind === "interface";
};

const nameOfSingle = ({ parts }: Field): string | undefined => {
  const [part] = parts;
  return part && singleTypeOf(part.node.type)?.name.value;
};

/** Tells, of a type, of a field that lacks, and of one whose type does not fit, where it does not. */
const demandFields =
  (type: Type, code: "LINT_CONNECTION_SHAPE" | "LINT_PAGE_INFO_SHAPE", report: Report) =>
  (name: string, wanted: string, fits: (type: TypeNode) => boolean): void => {
    const field = type.fields.get(name);
    if (!field) {
      report(code, type, { message: `${type.name} has no field ${name}: expected ${wanted}.` });
      return;
    }
    const wrong: readonly Part<FieldDefinitionNode>[] = field.parts.filter(({ node }) => !fits(node.type));
    const [first] = wrong;
    if (first)
      report(
        code,
        field,
        { message: `${field.coordinate} is ${textOfType(first.node.type)}: expected ${wanted}.` },
        wrong,
      );
  };
