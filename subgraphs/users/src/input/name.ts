import { readLine } from "../domain/text.ts";
import type { ReadResult } from "./field-error.ts";

export const MAX_NAME_LENGTH = 100;

/** A person's name; blank is the same as none. */
export const readName = (raw: string | null | undefined): ReadResult<string | null> => {
  if (raw == null || raw.trim() === "") return { kind: "ok", value: null };
  const read = readLine(raw, MAX_NAME_LENGTH);
  return read.kind === "ok"
    ? { kind: "ok", value: read.text }
    : { kind: "invalid", errors: [{ path: ["input", "name"], reason: read.reason }] };
};
