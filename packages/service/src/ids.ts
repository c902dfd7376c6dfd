import { typeidUnboxed } from "typeid-js";

/**
 * A new opaque id: `<prefix>_` and 26 characters of a UUIDv7 in base 32, so ids sort by the time of their creation.
 * Unique across processes without coordination.
 */
export const newId = (prefix: string): string => typeidUnboxed(prefix);

const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/**
 * True when `value` has the shape of an id of this prefix; says nothing of whether it exists. Takes anything: the keys of
 * an entity's reference are not checked against the schema.
 */
export const isId = (prefix: string, value: unknown): boolean =>
  typeof value === "string" && value.startsWith(`${prefix}_`) && SUFFIX.test(value.slice(prefix.length + 1));
