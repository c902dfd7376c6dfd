import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";
import type { Random } from "../faults/random.ts";

export interface GeneratedOperation {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const DEEPEST = 5;
const MOST_FIELDS = 60;

/** An operation that is usually valid: with aliases, fragments, conditions, variables and fields that are asked twice. */
export const generateOperation = (schema: GraphQLSchema, random: Random): GeneratedOperation => {
  const chance = (share: number) => random.fraction() < share;
  const definitions: string[] = [];
  const variables: Record<string, unknown> = {};
  const fragments: string[] = [];
  let names = 0;
  let fields = 0;

  const variable = (type: string, value: unknown, defaultText: string | null): string => {
    names += 1;
    const name = `v${names}`;
    const mayBeOmitted = defaultText !== null || !type.endsWith("!");
    definitions.push(`$${name}: ${type}${defaultText === null ? "" : ` = ${defaultText}`}`);
    if (!(mayBeOmitted && chance(0.4))) variables[name] = value;
    return `$${name}`;
  };

  const inputText = (type: GraphQLInputType, depth = 0): { readonly text: string; readonly value: unknown } => {
    if (isNonNullType(type)) return inputText(type.ofType, depth + 1);
    if (isListType(type)) {
      const items = Array.from({ length: random.integer(0, 2) }, () => inputText(type.ofType, depth + 1));
      return { text: `[${items.map(({ text }) => text).join(", ")}]`, value: items.map(({ value }) => value) };
    }
    if (isEnumType(type)) {
      const { name } = random.pick(type.getValues());
      return { text: name, value: name };
    }
    if (isInputObjectType(type)) {
      if (depth > 1) return { text: "{}", value: {} };
      const members = Object.values(type.getFields())
        .filter(() => chance(0.5))
        .map((field) => ({ name: field.name, ...inputText(field.type, depth + 1) }));
      return {
        text: `{${members.map(({ name, text }) => `${name}: ${text}`).join(", ")}}`,
        value: Object.fromEntries(members.map(({ name, value }) => [name, value])),
      };
    }
    const number = random.integer(1, 9);
    return type.name === "Int" ? { text: `${number}`, value: number } : { text: `"x${number}"`, value: `x${number}` };
  };

  const argument = (one: GraphQLArgument): string => {
    const { text, value } = inputText(one.type);
    if (chance(0.1) && !isNonNullType(one.type)) return `${one.name}: null`;
    return `${one.name}: ${chance(0.5) ? variable(String(one.type), value, chance(0.3) ? text : null) : text}`;
  };

  const condition = (): string => {
    if (!chance(0.12)) return "";
    const value = chance(0.3)
      ? String(chance(0.5))
      : variable("Boolean!", chance(0.5), chance(0.3) ? String(chance(0.5)) : null);
    return ` @${random.pick(["skip", "include"])}(if: ${value})`;
  };

  const fieldText = (field: GraphQLField<unknown, unknown>, depth: number): string => {
    fields += 1;
    names += 1;
    // `x` may be another field on another type.
    const alias = chance(0.15) ? `a${names}: ` : chance(0.12) ? "x: " : "";
    const given = field.args.filter((one) => isNonNullType(one.type) || chance(0.5)).map(argument);
    const type = getNamedType(field.type);
    const below = isCompositeType(type) ? ` ${selectionText(type, depth + 1)}` : "";
    return `${alias}${field.name}${given.length > 0 ? `(${given.join(", ")})` : ""}${condition()}${below}`;
  };

  const selectionText = (type: GraphQLCompositeType, depth: number): string => {
    const own = isUnionType(type) ? [] : Object.values(type.getFields());
    const isLeafOnly = depth >= DEEPEST || fields > MOST_FIELDS;
    const usable = isLeafOnly ? own.filter((field) => !isCompositeType(getNamedType(field.type))) : own;
    const parts = random.sample(usable, random.integer(1, 4)).map((field) => fieldText(field, depth));
    // Once more, with something else below it.
    if (usable.length > 0 && chance(0.15)) parts.push(fieldText(random.pick(usable), depth));
    if (isAbstractType(type) && !isLeafOnly) {
      for (const possible of random.sample(schema.getPossibleTypes(type), random.integer(1, 3)))
        parts.push(fragmentText(possible, depth));
      if (isUnionType(type) && chance(0.3)) {
        const named = schema.getType("Named");
        if (isCompositeType(named)) parts.push(fragmentText(named, depth));
      }
    } else if (isObjectType(type) && chance(0.15) && !isLeafOnly) parts.push(fragmentText(type, depth));
    if (parts.length === 0 || chance(0.25)) parts.push(`${chance(0.2) ? "kind: " : ""}__typename`);
    return `{ ${parts.join(" ")} }`;
  };

  const fragmentText = (type: GraphQLCompositeType, depth: number): string => {
    const below = selectionText(type, depth + 1);
    if (chance(0.7)) return `... on ${type.name}${condition()} ${below}`;
    names += 1;
    fragments.push(`fragment F${names} on ${type.name} ${below}`);
    return `...F${names}${condition()}`;
  };

  const isMutation = chance(0.15);
  const root = isMutation ? schema.getMutationType() : schema.getQueryType();
  if (!root) throw new Error("The schema has no such root.");
  const introspection = !isMutation && chance(0.03) ? `__type(name: "E0") { name fields { name } }` : "";
  const selected = Array.from({ length: random.integer(1, 3) }, () => {
    const field = random.pick(Object.values(root.getFields()));
    names += 1;
    return `r${names}: ${fieldText(field, 1).replace(/^\w+: /, "")}`;
  });
  const head = definitions.length > 0 ? ` Op(${definitions.join(", ")})` : " Op";
  const text = `${isMutation ? "mutation" : "query"}${head} { ${[...selected, introspection].join(" ")} }\n${fragments.join("\n")}`;
  return { text, variables };
};
