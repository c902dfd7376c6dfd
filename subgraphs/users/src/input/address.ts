import { isCountry } from "@supergraph/contracts";
import type { AddressLines } from "../db/addresses.ts";
import { readLine } from "../domain/text.ts";
import type { FieldError, ReadResult } from "./field-error.ts";

export interface RawAddress {
  readonly line1: string;
  readonly line2?: string | null | undefined;
  readonly city: string;
  readonly region?: string | null | undefined;
  readonly postalCode: string;
  readonly country: string;
}

/** Reads what a person entered; a blank optional field is the same as none. */
export const readAddress = (raw: RawAddress): ReadResult<AddressLines> => {
  const errors: FieldError[] = [];
  const required = (field: keyof RawAddress, maxCodePoints: number): string => {
    const read = readLine(raw[field] ?? "", maxCodePoints);
    if (read.kind === "ok") return read.text;
    errors.push({ path: ["input", field], reason: read.reason });
    return "";
  };
  const optional = (field: keyof RawAddress, maxCodePoints: number): string | null =>
    (raw[field] ?? "").trim() === "" ? null : required(field, maxCodePoints);

  const value = {
    line1: required("line1", 200),
    line2: optional("line2", 200),
    city: required("city", 100),
    region: optional("region", 100),
    postalCode: required("postalCode", 20),
    country: raw.country.trim().toUpperCase(),
  };
  // Of the raw text too: the upper case of ß is SS, which is South Sudan.
  if (raw.country.trim().length !== 2 || !isCountry(value.country))
    errors.push({ path: ["input", "country"], reason: "must be an ISO 3166-1 alpha-2 code, such as DE" });
  return errors.length > 0 ? { kind: "invalid", errors } : { kind: "ok", value };
};
