import type { QueryPlanFieldNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import { isJsonObject, type JsonObject, type Read, readerOf, setOwn, writeJson } from "./json.ts";
import { mergeInto } from "./merge.ts";
import type { IsOfType } from "./object-types.ts";

/** A representation as it is sent. */
export interface WrittenRepresentation {
  readonly typeName: string;
  readonly text: string;
}

/** As {@link Represent}, written. */
export interface WriteRepresentation {
  (entity: JsonObject): WrittenRepresentation | null;
  /**
   * Reads what alone the representation depends on, unless one of them is an object or a list: entities that have the same
   * values have the same representation. Null where that cannot be said.
   */
  readonly distinctions?: readonly Read[] | undefined;
}

/**
 * Writes representations without making them first, which takes a third of the time; null for selections that have to be put
 * together of several parts.
 */
export const compileWriting = (
  selections: readonly QueryPlanSelectionNode[],
  isOfType: IsOfType,
): WriteRepresentation | null => {
  const variants: { readonly typeCondition: string; readonly write: WriteObject }[] = [];
  for (const selection of selections) {
    if (selection.kind !== "InlineFragment" || selection.typeCondition === undefined) return null;
    const write = compileWriteObject(selection.selections);
    if (!write || !selection.selections.some((field) => field.kind === "Field" && nameOf(field) === "__typename"))
      return null;
    variants.push({ typeCondition: selection.typeCondition, write });
  }
  // An object may be of several types: then its representation has what each of them asks for.
  const represent = compileRequires(selections, isOfType);
  const write = (entity: JsonObject): WrittenRepresentation | null => {
    let found: string | null = null;
    for (const { typeCondition, write } of variants) {
      const text = isOfType(entity, typeCondition) ? write(entity) : null;
      if (text === null) continue;
      if (found !== null) return written(represent(entity));
      found = text;
    }
    const { __typename: typeName } = entity;
    return found === null || !typeName ? null : { typeName: String(typeName), text: found };
  };
  return Object.assign(write, { distinctions: distinctionsOf(selections) });
};

const distinctionsOf = (selections: readonly QueryPlanSelectionNode[]): readonly Read[] => {
  const names = new Set(["__typename"]);
  for (const selection of selections) {
    if (selection.kind !== "InlineFragment") continue;
    for (const field of selection.selections) if (field.kind === "Field") names.add(nameOf(field));
  }
  return [...names].map(readerOf);
};

export const written = (representation: JsonObject | null): WrittenRepresentation | null =>
  representation?.__typename
    ? { typeName: String(representation.__typename), text: JSON.stringify(representation) }
    : null;

type WriteObject = (value: JsonObject) => string | null;

const nameOf = ({ alias, name }: QueryPlanFieldNode): string => alias ?? name;

/** Null where a name is asked for twice, or something is not a field. */
const compileWriteObject = (selections: readonly QueryPlanSelectionNode[]): WriteObject | null => {
  const fields: { readonly key: string; readonly read: Read; readonly write: (value: unknown) => string }[] = [];
  const names = new Set<string>();
  for (const selection of selections) {
    if (selection.kind !== "Field" || names.has(nameOf(selection))) return null;
    const name = nameOf(selection);
    names.add(name);
    const below = selection.selections ? compileWriteObject(selection.selections) : undefined;
    if (below === null) return null;
    const key = `${fields.length === 0 ? "{" : ","}${JSON.stringify(name)}:`;
    fields.push({ key, read: readerOf(name), write: below ? writeBelow(below) : writeJson });
  }
  if (fields.length === 0) return null;
  return (object) => {
    let text = "";
    for (const { key, read, write } of fields) {
      const value = read(object);
      if (value === undefined) return null;
      text += key + write(value);
    }
    return `${text}}`;
  };
};

const writeBelow = (write: WriteObject): ((value: unknown) => string) => {
  const writeValue = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(writeValue).join(",")}]`;
    return (isJsonObject(value) ? write(value) : null) ?? "null";
  };
  return writeValue;
};

/** What a subgraph is told of an entity: its type, its key and the fields that it requires; null where some are missing. */
export type Represent = (entity: JsonObject) => JsonObject | null;

/** Adds a part of what is selected; false where the entity lacks it. */
type Add = (entity: JsonObject, representation: JsonObject) => boolean;

export const compileRequires = (selections: readonly QueryPlanSelectionNode[], isOfType: IsOfType): Represent => {
  const parts = selections.flatMap((selection) => compileSelection(selection, isOfType));
  return (entity) => {
    const representation: JsonObject = {};
    for (const add of parts) if (!add(entity, representation)) return null;
    return representation;
  };
};

const compileSelection = (selection: QueryPlanSelectionNode, isOfType: IsOfType): Add[] => {
  if (selection.kind === "InlineFragment") {
    const { typeCondition } = selection;
    if (typeCondition === undefined) return [];
    const represent = compileRequires(selection.selections, isOfType);
    return [
      (entity, representation) => {
        const part = isOfType(entity, typeCondition) ? represent(entity) : null;
        if (part) mergeInto(representation, part);
        return true;
      },
    ];
  }
  const name = selection.alias ?? selection.name;
  const read = readerOf(name);
  const below = selection.selections ? compileRequires(selection.selections, isOfType) : null;
  const represent = (value: unknown): unknown => {
    if (!below || value === null) return value;
    if (Array.isArray(value)) return value.map(represent);
    return isJsonObject(value) ? below(value) : null;
  };
  return [
    (entity, representation) => {
      const value = read(entity);
      if (value === undefined) return false;
      setOwn(representation, name, represent(value));
      return true;
    },
  ];
};
