import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { JudgedFinding } from "../src/approvals/approvals.ts";
import { checkCase, type Expected, readCaseFile, shortOf } from "./case-folder.ts";

/** A folder each: what was, what is proposed, and all that a check has to say of it. */
const CASES = fileURLToPath(new URL("./cases/", import.meta.url));

/** The first of them waits for composition to be loaded, on a busy machine for long. */
const TIMEOUT_MS = 60_000;

describe("every case gives the findings that it expects, and no other", () => {
  it.each(readdirSync(CASES))(
    "%s",
    async (name) => {
      const file = await readCaseFile(CASES + name);
      const { findings, verdict } = await checkCase(CASES + name, file);
      expect(sorted(findings.map(shortOf))).toEqual(sorted(file.expect.map(withoutFragments)));
      for (const expected of file.expect)
        expect(
          findings.some((found) => tells(found, expected)),
          `no finding tells ${JSON.stringify(expected)}:\n${findings.map(textOf).join("\n")}`,
        ).toBe(true);
      expect(verdict).toBe(file.verdict);
    },
    TIMEOUT_MS,
  );
});

const withoutFragments = ({ code, severity, coordinate, subgraphs, at, approved }: Expected) => ({
  code,
  severity,
  coordinate,
  subgraphs,
  at,
  approved,
});

const sorted = <T>(all: readonly T[]): T[] => [...all].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const tells = (found: JudgedFinding, { code, coordinate, message, details, remedy }: Expected): boolean =>
  found.code === code &&
  found.coordinate === coordinate &&
  found.message.includes(message ?? "") &&
  found.remedy.includes(remedy ?? "") &&
  details.every((fragment) => found.details.some((detail) => detail.includes(fragment)));

const textOf = ({ code, coordinate, message, details, remedy }: JudgedFinding): string =>
  [`${code} ${coordinate ?? ""}: ${message}`, ...details.map((detail) => `  ${detail}`), `  → ${remedy}`].join("\n");
