import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { ERRORS } from "@apollo/federation-internals";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CATALOGUE, isFindingCode } from "../src/findings/catalogue.ts";
import { readCaseFile } from "./case-folder.ts";

const HERE = new URL("./", import.meta.url);

const { HINTS } = createRequire(import.meta.url)("@apollo/composition/dist/hints.js") as {
  readonly HINTS: Readonly<Record<string, { readonly code: string }>>;
};

/** One code is both an error's and a hint's; the hint has a code of its own here. */
const hintCode = (code: string): string =>
  code === "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS" ? "CONTEXTUAL_ARGUMENT_NOT_IN_SUPERGRAPH" : code;

const errorCodes = Object.values(ERRORS).map(({ code }) => code);
const hintCodes = Object.values(HINTS).map(({ code }) => hintCode(code));
const compositionCodes = new Set([...errorCodes, ...hintCodes]);

const expectedCodes = async (): Promise<ReadonlySet<string>> => {
  const folder = fileURLToPath(new URL("./cases/", HERE));
  const files = await Promise.all(readdirSync(folder).map((name) => readCaseFile(folder + name)));
  return new Set(files.flatMap((file) => file.expect.map(({ code }) => code)));
};

const unprovoked = parse(readFileSync(new URL("./unprovoked.yaml", HERE), "utf8")) as Readonly<Record<string, string>>;

const sources = (): string => {
  const folder = fileURLToPath(new URL("../src/", HERE));
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.includes("catalogue"))
    .map((path) => readFileSync(folder + path, "utf8"))
    .join("\n");
};

describe("the catalogue of findings", () => {
  it("has every error and hint of composition", () => {
    expect([...compositionCodes].filter((code) => !isFindingCode(code))).toEqual([]);
  });

  it("keeps errors and hints of composition apart", () => {
    const stagesOf = (codes: readonly string[]) =>
      new Set(codes.map((code) => isFindingCode(code) && CATALOGUE[code].stage));
    expect([...stagesOf(errorCodes)]).toEqual(["compose"]);
    expect([...stagesOf(hintCodes)]).toEqual(["hints"]);
  });

  it("tells of every code what it is, why it matters and what to do", () => {
    const silent = Object.entries(CATALOGUE).filter(([, { title, meaning, remedy }]) =>
      [title, meaning, remedy].some((text) => text.trim().length < 8),
    );
    expect(silent.map(([code]) => code)).toEqual([]);
  });

  it("writes headings without a full stop, and meanings and remedies as sentences", () => {
    const misshapen = Object.entries(CATALOGUE).filter(
      ([, { title, meaning, remedy }]) =>
        /[.:]$/.test(title) || ![meaning, remedy].every((text) => /[.!?]`?\)?$/.test(text)),
    );
    expect(misshapen.map(([code]) => code)).toEqual([]);
  });

  it("has no code that nothing gives", () => {
    const own = sources();
    // Codes that are put together, as `API_${…}`, are found by their parts at least.
    const dead = Object.keys(CATALOGUE).filter((code) => !compositionCodes.has(code) && !own.includes(code));
    expect(dead).toEqual([]);
  });
});

describe("the corpus of cases", () => {
  it("provokes every code, but for those of which it is told why none can", async () => {
    const provoked = await expectedCodes();
    const untold = Object.keys(CATALOGUE).filter((code) => !provoked.has(code) && !(code in unprovoked));
    const provokedAfterAll = Object.keys(unprovoked).filter((code) => provoked.has(code));
    const unknown = Object.keys(unprovoked).filter((code) => !isFindingCode(code));
    expect({ untold, provokedAfterAll, unknown }).toEqual({ untold: [], provokedAfterAll: [], unknown: [] });
  }, 60_000);

  it("has no case that is put off", () => {
    const pending = fileURLToPath(new URL("./pending/", HERE));
    expect(readIfThere(pending)).toEqual([]);
  });
});

const readIfThere = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
