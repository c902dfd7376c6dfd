import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  OperationTypeNode,
  parse,
} from "graphql";
import { readSelections } from "../../router/src/executor/selections.ts";

export interface FakeResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** How often, 0 to 1, something goes wrong. */
export interface Faults {
  readonly nulls: number;
  readonly errors: number;
  /** Leaves of a type that the schema does not promise, and nulls where it promises none. */
  readonly lies: number;
  /** Whole fetches that bring nothing. */
  readonly failures: number;
}

export interface FakeSubgraph {
  answer(query: string, variables: Readonly<Record<string, unknown>>): FakeResponse;
}

/** Something that a subgraph talks about: everything about it follows from what it is called. */
interface Thing {
  readonly type: string;
  readonly identity: string;
  /** What a representation says beside its key: fields that others need are derived from it. */
  readonly told: string;
}

const IDS = 4;
/** What the names of fields that need others begin with. */
const DERIVED = "d";

/**
 * Answers as a subgraph of `schema` would, out of nothing: a value depends on what it is asked about and on `seed` alone, so
 * that whoever asks twice, in other words, alone or among others, is told the same, be it a value, a null or an error.
 */
export const createFakeSubgraph = (
  name: string,
  schema: GraphQLSchema,
  { seed, faults }: { readonly seed: number; readonly faults: Faults },
): FakeSubgraph => {
  /** From 0 to 1. */
  const drawn = (...about: readonly unknown[]): number => hash(`${seed}|${about.map(String).join("|")}`) / 2 ** 32;
  const drawnOf = <T>(from: readonly T[], ...about: readonly unknown[]): T =>
    from[Math.floor(drawn(...about) * from.length)] as T;

  const execute = (document: DocumentNode, given: Readonly<Record<string, unknown>>): FakeResponse => {
    const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    if (!operation) throw new Error("There is no operation.");
    const { coerced, errors: wrong } = getVariableValues(schema, operation.variableDefinitions ?? [], { ...given });
    if (wrong) return { errors: wrong.map((error) => error.toJSON()) };
    const variables = coerced;
    const selections = readSelections(schema, document, variables);
    const errors: GraphQLFormattedError[] = [];
    const root = schema.getRootType(operation.operation);
    if (!root) throw new Error(`There is no ${operation.operation}.`);

    const objectOf = (
      type: GraphQLCompositeType,
      thing: Thing,
      fields: readonly FieldNode[],
      path: readonly (string | number)[],
    ): Record<string, unknown> => {
      const object: Record<string, unknown> = {};
      const sets = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
      for (const [responseName, nodes] of selections.collect(type, sets)) {
        const [node] = nodes;
        if (!node) continue;
        object[responseName] = fieldOf(type, thing, nodes, node, [...path, responseName]);
      }
      return object;
    };

    const fieldOf = (
      type: GraphQLCompositeType,
      thing: Thing,
      nodes: readonly FieldNode[],
      node: FieldNode,
      path: readonly (string | number)[],
    ): unknown => {
      const fieldName = node.name.value;
      if (fieldName === "__typename") return thing.type;
      if (!("getFields" in type)) throw new Error(`${type.name} has no fields.`);
      const field = type.getFields()[fieldName];
      if (!field) throw new Error(`${name} has no ${type.name}.${fieldName}.`);
      const values = getArgumentValues(field, node, variables);
      if (fieldName === "_entities")
        return (values.representations as Record<string, unknown>[]).map((representation, index) =>
          entityOf(representation, nodes, [...path, index]),
        );
      if (fieldName === "id") return thing.identity;
      if (fieldName === "code") return `c-${thing.identity}`;
      // What several subgraphs answer they answer alike; what is nobody else's follows from who is asked, too.
      const about = [thing.type, thing.identity, fieldName, JSON.stringify(values)];
      if (fieldName.startsWith(DERIVED)) about.push(thing.told);
      if (drawn("error", ...about) < faults.errors) {
        errors.push({ message: `${about.join(" ")} failed`, path, extensions: { code: "FAKE" } });
        return nullable(field.type) ? null : BUBBLE;
      }
      return valueAt(field.type, about, nodes, path);
    };

    const valueAt = (
      type: GraphQLOutputType,
      about: readonly unknown[],
      nodes: readonly FieldNode[],
      path: readonly (string | number)[],
    ): unknown => {
      if (isNonNullType(type)) {
        if (drawn("lie", ...about) < faults.lies) return null;
        const value = valueAt(type.ofType, [...about, "!"], nodes, path);
        return value === null ? valueAt(type.ofType, [...about, "!!"], nodes, path) : value;
      }
      if (drawn("null", ...about) < faults.nulls && about.at(-1) !== "!!") return null;
      if (isListType(type)) {
        const length = Math.floor(drawn("length", ...about) * 4);
        const items = Array.from({ length }, (_, index) =>
          settle(type.ofType, valueAt(type.ofType, [...about, index], nodes, [...path, index])),
        );
        return items.includes(BUBBLE) ? null : items;
      }
      if (isLeafType(type)) {
        if (drawn("lie", ...about) < faults.lies) return { no: "sense" };
        if (isEnumType(type)) return drawnOf(type.getValues(), "value", ...about).name;
        const number = 1 + Math.floor(drawn("value", ...about) * 1_000);
        switch (type.name) {
          case "Int":
            return number;
          case "Float":
            return number + 0.5;
          case "Boolean":
            return true;
          case "String":
          case "ID":
            return `${type.name} ${number} "of"\n${about.join(" ")}`;
          default:
            return { nested: [number, null, { __proto__: null, text: "\u2028" }] };
        }
      }
      const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
      const chosen = drawnOf(possible, "type", ...about);
      const isEntity = "id" in chosen.getFields();
      const identity = isEntity ? `${kindOf(chosen)}:${Math.floor(drawn("id", ...about) * IDS)}` : about.join(" ");
      return bubbled(objectOf(chosen, { type: chosen.name, identity, told: "" }, nodes, path));
    };

    const entityOf = (
      representation: Readonly<Record<string, unknown>>,
      nodes: readonly FieldNode[],
      path: readonly (string | number)[],
    ): unknown => {
      const named = schema.getType(String(representation.__typename));
      const { __typename: _, id, code, ...others } = representation;
      const identity = String(id ?? String(code).slice(2));
      // Who knows an interface alone asks which of its types it is.
      const type = isAbstractType(named) ? drawnOf(schema.getPossibleTypes(named), "type", identity) : named;
      if (!isObjectType(type)) throw new Error(`${name} has no entity ${representation.__typename}.`);
      if (drawn("unknown", name, type.name, identity) < faults.nulls / 2) return null;
      return bubbled(objectOf(type, { type: type.name, identity, told: JSON.stringify(others) }, nodes, path));
    };

    const data: Record<string, unknown> = {};
    let isNull = false;
    for (const [responseName, nodes] of selections.collect(root, [operation.selectionSet])) {
      const [node] = nodes;
      if (!node) continue;
      const value = fieldOf(root, { type: root.name, identity: "root", told: "" }, nodes, node, [responseName]);
      if (value === BUBBLE) isNull = true;
      else data[responseName] = value;
    }
    return { data: isNull ? null : data, ...(errors.length > 0 ? { errors } : {}) };
  };

  const documents = new Map<string, DocumentNode>();
  return {
    answer(query, variables) {
      // Whatever the operation is called: who asks the same twice may ask once.
      if (drawn("failure", name, query.replace(/^(\w+) \w+/, "$1")) < faults.failures) {
        const isMutation = query.trimStart().startsWith(OperationTypeNode.MUTATION);
        const message = `${name} ${isMutation ? "did" : "answers"} nothing`;
        return { data: null, errors: [{ message, extensions: { code: "FAKE_FAILURE" } }] };
      }
      const document = documents.get(query) ?? parse(query, { noLocation: true });
      documents.set(query, document);
      try {
        return execute(document, variables);
      } catch (error) {
        if (error instanceof GraphQLError) return { errors: [error.toJSON()] };
        throw error;
      }
    },
  };
};

/** Entities behind an interface that is one itself share its ids. */
const kindOf = (type: GraphQLObjectType): string =>
  type.getInterfaces().find(({ name }) => name === "Media")?.name ?? type.name;

/** Stands where an error left nothing and the schema promises something: what it stands in is null as well. */
const BUBBLE = Symbol("bubble");

const nullable = (type: GraphQLOutputType): boolean => !isNonNullType(type);

const settle = (type: GraphQLOutputType, value: unknown): unknown =>
  value === BUBBLE && nullable(type) ? null : value;

const bubbled = (object: Record<string, unknown>): unknown => (Object.values(object).includes(BUBBLE) ? null : object);

/** FNV-1a, mixed once more. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) >>> 0;
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39) >>> 0;
  return (value ^ (value >>> 15)) >>> 0;
};
