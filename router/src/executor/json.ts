/** An object as JSON holds it. Any name may be in it: what stands under a name is there only if it is the object's own. */
export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands under a name. All that objects inherit are functions, which JSON has none of, and `__proto__`. */
export const getOwn = (object: JsonObject, name: string): unknown => {
  const value = object[name];
  if (typeof value === "function" || (name === "__proto__" && !Object.hasOwn(object, name))) return undefined;
  return value;
};

export const setOwn = (object: JsonObject, name: string, value: unknown): void => {
  if (name === "__proto__")
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
};

export type Read = (object: JsonObject) => unknown;

/** {@link getOwn} for one name: most can stand for nothing that all objects inherit. */
export const readerOf = (name: string): Read =>
  name in Object.prototype ? (object) => getOwn(object, name) : (object) => object[name];

/** The same, in objects and lists of its own. */
export const copyJson = <Value>(value: Value): Value => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson) as Value;
  const object = value as JsonObject;
  const copy: JsonObject = {};
  for (const name of Object.keys(object)) setOwn(copy, name, copyJson(getOwn(object, name)));
  return copy as Value;
};

/** Nothing that JSON escapes, nor what takes more than a byte. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** `JSON.stringify` for what is mostly text without anything to escape, numbers and flags: in a fraction of its time. */
export const writeJson = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return Number.isInteger(value) ? `${value}` : JSON.stringify(value);
    default:
      return JSON.stringify(value);
  }
};

/** JSON that is written already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
