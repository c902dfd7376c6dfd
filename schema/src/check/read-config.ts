import { access } from "node:fs/promises";
import { join } from "node:path";
import { types } from "node:util";
import { closest } from "fastest-levenshtein";
import type { z } from "zod";
import { UsageError } from "../usage-error.ts";
import { type CheckConfig, CheckSettings } from "./config.ts";

const NAMES = ["check.config.ts", "check.config.mts", "check.config.js", "check.config.mjs"];

/**
 * Reads `check.config.ts` of a folder; the defaults where there is none.
 * @throws UsageError naming every setting that is wrong, and for an unknown one what it resembles.
 */
export const readCheckConfig = async (folder: string): Promise<CheckConfig> => {
  for (const name of NAMES) {
    const path = join(folder, name);
    if (await exists(path)) return parseCheckConfig(await load(path), path);
  }
  return CheckSettings.parse({});
};

export const parseCheckConfig = (value: unknown, path: string): CheckConfig => {
  const result = CheckSettings.safeParse(value);
  if (result.success) return result.data;
  throw new UsageError(result.error.issues.map((issue) => `${path}: ${describe(issue)}`).join("\n"));
};

const describe = (issue: z.core.$ZodIssue): string => {
  const at = issue.path.map(String).join(".");
  // Of a key that is not one of those that there may be, zod keeps the reason inside.
  if (issue.code === "invalid_key") return `${at}: ${issue.issues[0]?.message ?? issue.message}`;
  if (issue.code !== "unrecognized_keys") return `${at === "" ? "" : `${at}: `}${issue.message}`;
  return issue.keys
    .map((key) => {
      const known = at === "" ? Object.keys(CheckSettings.shape) : [];
      const meant = known.length > 0 ? ` Did you mean \`${closest(key, known)}\`?` : "";
      return `${at === "" ? "" : `${at}.`}${key}: there is no such setting.${meant}`;
    })
    .join("\n");
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const load = async (path: string): Promise<unknown> => {
  try {
    const value = await importDefault(path);
    if (value === undefined) throw new Error("it has no default export: expected the settings");
    return value;
  } catch (error) {
    throw new UsageError(`${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** What a module exports by default, or a script as a whole. Node.js reads TypeScript by itself from version 22.18 on only. */
const importDefault = async (path: string): Promise<unknown> => {
  const { createJiti } = await import("jiti");
  const exported = await createJiti(import.meta.url, { interopDefault: false }).import<object>(path);
  if ("default" in exported) return exported.default;
  const isModule = "__esModule" in exported || types.isModuleNamespaceObject(exported);
  return isModule ? undefined : exported;
};
