import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

interface LineSchema {
  readonly properties: Readonly<Record<string, unknown>>;
}

const schema = JSON.parse(
  readFileSync(new URL("../docs/log-line.schema.json", import.meta.url), "utf8"),
) as LineSchema & object;
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
const validate = ajv.compile(schema);

/** The fields that a line may have. */
export const LOG_FIELDS: ReadonlySet<string> = new Set(Object.keys(schema.properties));

/** What is wrong with a line of a log, by `docs/log-line.schema.json`; null for nothing. */
export const problemOf = (line: string): string | null => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return "it is no JSON";
  }
  if (validate(parsed)) return null;
  return (validate.errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join("; ");
};
