import type { QueryPlanSelectionNode } from "@apollo/query-planner";
import { isJsonObject, type JsonObject, readerOf, setOwn } from "./json.ts";
import { mergeInto } from "./merge.ts";
import type { IsOfType } from "./object-types.ts";

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
