import { getOwn, isJsonObject, type JsonObject } from "./json.ts";

/** From the root of the data: names of fields, and `@` for each item of a list. */
export type PlanPath = readonly string[];

/** As clients are told: with the indexes of lists. */
export type ClientPath = readonly (string | number)[];

const EACH = "@";

/** The objects at `path`, in order; those of lists one by one, an object that stands in several places several times. */
export const objectsAt = (data: JsonObject, path: PlanPath): JsonObject[] => {
  const found: JsonObject[] = [];
  visit(data, path, 0, found);
  return found;
};

const visit = (value: unknown, path: PlanPath, depth: number, found: JsonObject[]): void => {
  if (Array.isArray(value)) {
    const below = path[depth] === EACH ? depth + 1 : depth;
    for (const item of value) visit(item, path, below, found);
    return;
  }
  if (!isJsonObject(value)) return;
  const element = path[depth];
  if (element === undefined) found.push(value);
  else if (element !== EACH) visit(getOwn(value, element), path, depth + 1, found);
};

/** Where each of these objects stands. What takes an error alone is not done for every fetch. */
export const placesAt = (data: JsonObject, path: PlanPath): ReadonlyMap<JsonObject, readonly ClientPath[]> => {
  const places = new Map<JsonObject, ClientPath[]>();
  const walk = (value: unknown, depth: number, at: ClientPath): void => {
    if (Array.isArray(value)) {
      const below = path[depth] === EACH ? depth + 1 : depth;
      for (const [index, item] of value.entries()) walk(item, below, [...at, index]);
      return;
    }
    if (!isJsonObject(value)) return;
    const element = path[depth];
    if (element === undefined) {
      const others = places.get(value);
      if (others) others.push(at);
      else places.set(value, [at]);
    } else if (element !== EACH) walk(getOwn(value, element), depth + 1, [...at, element]);
  };
  walk(data, 0, []);
  return places;
};

/** What all that stands at `path` has in common. */
export const commonPlace = (path: PlanPath): ClientPath => {
  const firstList = path.indexOf(EACH);
  return firstList < 0 ? path : path.slice(0, firstList);
};
