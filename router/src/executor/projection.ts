import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  type OperationDefinitionNode,
} from "graphql";
import { isJsonObject, type JsonObject, readerOf, writeJson } from "./json.ts";
import type { Selections } from "./selections.ts";

/** A value where the schema promises another, or none where it promises one. */
export interface BrokenPromise {
  readonly message: string;
  readonly path: readonly (string | number)[];
  /**
   * Whether its null took no more with it than the object that it is a field of. That is how an entity is answered which
   * one subgraph refers to and another does not have, or does not show: a null that the schema allows.
   */
  readonly isGone: boolean;
}

export interface Projected {
  /** JSON. */
  readonly text: string;
  readonly broken: readonly BrokenPromise[];
}

/** What the operation asks for, of all that was fetched, with nulls where and as far as the specification wants them. */
export type Project = (data: JsonObject, introspect: Introspect) => Projected;

/** Answers JSON for a field such as `__schema`. */
export type Introspect = (field: FieldNode) => string;

/** Its path is from the inside out: each level adds itself once something is wrong, and nothing is noted otherwise. */
interface Finding {
  readonly message: string;
  readonly path: (string | number)[];
  isGone: boolean;
}

interface Writing {
  readonly findings: Finding[];
  readonly introspect: Introspect;
}

/** What a value is where none may be: whatever it stands in is null, too. */
const BROKEN = Symbol("broken");

/** JSON; null for a null, which is no text since what it stands in may have to be one, too. */
type Written = string | null | typeof BROKEN;
type Write = (value: unknown, writing: Writing) => Written;

/** A type's place, for messages. */
type Place = string;

export const compileProjection = (
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  selections: Selections,
): Project => {
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`The schema has no ${operation.operation}.`);
  const write = createWriters(schema, selections).fieldsOf(root, [operation.selectionSet]);
  return (data, introspect) => {
    const findings: Finding[] = [];
    const text = write(data, { findings, introspect });
    return {
      text: typeof text === "string" ? text : "null",
      broken: findings.map(({ path, ...finding }) => ({ ...finding, path: path.reverse() })),
    };
  };
};

const createWriters = (schema: GraphQLSchema, selections: Selections) => {
  const ofType = (type: GraphQLOutputType, fields: readonly FieldNode[], place: Place): Write => {
    if (isNonNullType(type)) return nonNull(ofType(type.ofType, fields, place), place);
    if (isListType(type)) return list(ofType(type.ofType, fields, `an item of ${place}`), place);
    if (isLeafType(type)) return leaf(type, place);
    const below = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
    return object(type, below, place);
  };

  const object = (type: GraphQLCompositeType, sets: Parameters<Selections["collect"]>[1], place: Place): Write => {
    // One for each type that an object can turn out to be: compiled when the first of them comes.
    const variants = new Map<string, Write>();
    return (value, writing) => {
      if (value === null || value === undefined) return null;
      if (!isJsonObject(value)) return broken(writing, `${place} is answered with something that is no object.`);
      const { __typename: named } = value;
      const name = named === undefined || named === null || named === "" ? type.name : named;
      if (typeof name !== "string") return broken(writing, `${place} is answered with a __typename that is no name.`);
      const known = variants.get(name);
      if (known) return known(value, writing);
      const variant = variantOf(schema, type, name);
      if (!variant) return broken(writing, `${place} is answered with an object that cannot be there.`);
      const write = fieldsOf(variant, sets);
      variants.set(name, write);
      return write(value, writing);
    };
  };

  const fieldsOf = (type: GraphQLCompositeType, sets: Parameters<Selections["collect"]>[1]): Write => {
    const members = [...selections.collect(type, sets)].map(([name, fields]) => memberOf(type, name, fields));
    const { length } = members;
    return (value, writing) => {
      if (!isJsonObject(value)) return null;
      const { findings } = writing;
      let text = "{";
      for (let index = 0; index < length; index += 1) {
        const member = members[index] as Member;
        const before = findings.length;
        const written = member.write(value, writing);
        if (findings.length > before) noteWay(findings, before, member.name, written === null);
        if (written === BROKEN) return null;
        text += `${index === 0 ? "" : ","}${member.key}${written ?? "null"}`;
      }
      return `${text}}`;
    };
  };

  const memberOf = (type: GraphQLCompositeType, name: string, fields: readonly FieldNode[]): Member => {
    const key = `${JSON.stringify(name)}:`;
    const [first] = fields;
    const fieldName = first?.name.value ?? name;
    if (first && fieldName === "__typename")
      return { name, key, write: isObjectType(type) ? constant(JSON.stringify(type.name)) : typeUnknown(type.name) };
    if (first && (fieldName === "__schema" || fieldName === "__type"))
      return { name, key, write: (_, { introspect }) => introspect(mergedField(first, fields)) };
    const field = isUnionType(type) ? undefined : type.getFields()[fieldName];
    if (!field) throw new Error(`${type.name} has no field ${fieldName}, which was validated.`);
    const read = readerOf(name);
    const write = ofType(field.type, fields, `${type.name}.${fieldName}`);
    return { name, key, write: (value, writing) => write(read(value as JsonObject), writing) };
  };

  return { fieldsOf };
};

/** As what an object is written that stands where a `type` may stand and says to be a `name`; null where it can be none. */
const variantOf = (schema: GraphQLSchema, type: GraphQLCompositeType, name: string): GraphQLCompositeType | null => {
  const named = schema.getType(name);
  if (named === type) return type;
  if (!isObjectType(named) && !isInterfaceType(named)) return null;
  if (isAbstractType(type)) return schema.isSubType(type, named) ? named : null;
  // A subgraph that knows only the interface calls it by that.
  return isInterfaceType(named) && schema.isSubType(named, type) ? type : null;
};

interface Member {
  readonly name: string;
  /** JSON up to the value. */
  readonly key: string;
  /** Of the object, not of the field's value. */
  readonly write: Write;
}

const constant =
  (text: string): Write =>
  () =>
    text;

/** A subgraph that knows the interface alone answered, and the one that knows what is behind it did not. */
const typeUnknown =
  (typeName: string): Write =>
  (_, { findings }) => {
    findings.push({ message: `It is not known which ${typeName} it is.`, path: [], isGone: false });
    return BROKEN;
  };

/** Several fields of one name ask for all that each of them asks for. */
const mergedField = (first: FieldNode, fields: readonly FieldNode[]): FieldNode =>
  first.selectionSet
    ? {
        ...first,
        selectionSet: {
          ...first.selectionSet,
          selections: fields.flatMap(({ selectionSet }) => selectionSet?.selections ?? []),
        },
      }
    : first;

const broken = ({ findings }: Writing, message: string): null => {
  findings.push({ message, path: [], isGone: false });
  return null;
};

/**
 * @param endsHere Whether the null of what is wrong ends at `segment`.
 */
const noteWay = (findings: readonly Finding[], since: number, segment: string | number, endsHere: boolean): void => {
  for (let index = since; index < findings.length; index += 1) {
    const finding = findings[index] as Finding;
    if (endsHere && finding.path.length === 1) finding.isGone = true;
    finding.path.push(segment);
  }
};

const nonNull =
  (write: Write, place: Place): Write =>
  (value, writing) => {
    const { findings } = writing;
    const before = findings.length;
    const written = write(value, writing);
    if (written !== null) return written;
    if (findings.length === before) broken(writing, `Cannot return null for non-nullable field ${place}.`);
    return BROKEN;
  };

const list =
  (write: Write, place: Place): Write =>
  (value, writing) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return broken(writing, `${place} is answered with something that is no list.`);
    const { findings } = writing;
    let isBroken = false;
    let text = "[";
    for (let index = 0; index < value.length; index += 1) {
      const before = findings.length;
      const written = write(value[index], writing);
      if (findings.length > before) noteWay(findings, before, index, written === null);
      if (written === BROKEN) isBroken = true;
      else text += `${index === 0 ? "" : ","}${written ?? "null"}`;
    }
    return isBroken ? null : `${text}]`;
  };

const leaf = (type: GraphQLLeafType, place: Place): Write => {
  const isValid = validatorOf(type);
  return (value, writing) => {
    if (value === null || value === undefined) return null;
    return isValid(value)
      ? writeJson(value)
      : broken(writing, `${place} is answered with something that is no ${type.name}.`);
  };
};

const validatorOf = (type: GraphQLLeafType): ((value: unknown) => boolean) => {
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map(({ name }) => name));
    return (value) => typeof value === "string" && names.has(value);
  }
  if (!isSpecifiedScalarType(type)) return () => true;
  switch (type.name) {
    case "Boolean":
      return (value) => typeof value === "boolean";
    case "Int":
      return (value) => Number.isInteger(value);
    case "Float":
      return (value) => typeof value === "number";
    case "ID":
      return (value) => typeof value === "string" || Number.isInteger(value);
    default:
      return (value) => typeof value === "string";
  }
};
