import { getOwn, isJsonObject, type JsonObject, setOwn } from "./json.ts";

/**
 * Adds what one fetch brought to what others did. Objects and lists of the same length are merged into one another, lists
 * of lists too; anything else that comes later stands. Parts of `source` become parts of `target`.
 */
export const mergeInto = (target: JsonObject, source: JsonObject): void => {
  for (const name of Object.keys(source)) {
    const value = getOwn(source, name);
    if (value === undefined) continue;
    const before = getOwn(target, name);
    if (!mergeValues(before, value)) setOwn(target, name, value);
  }
};

/** Whether both could be merged; otherwise the second has to take the place of the first. */
const mergeValues = (before: unknown, value: unknown): boolean => {
  if (before === value) return true;
  if (isJsonObject(before) && isJsonObject(value)) {
    mergeInto(before, value);
    return true;
  }
  if (!Array.isArray(before) || !Array.isArray(value) || before.length !== value.length) return false;
  for (const [index, item] of value.entries()) if (!mergeValues(before[index], item)) before[index] = item;
  return true;
};
