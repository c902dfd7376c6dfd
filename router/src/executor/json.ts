/** An object as JSON holds it. Any name may be in it: what stands under a name is there only if it is the object's own. */
export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const getOwn = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

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

/** JSON that is written already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
