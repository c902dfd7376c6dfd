import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { readCheckConfig } from "./read-config.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "supergraph-check-config-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the settings of a check", () => {
  it.each([
    ["check.config.ts", "const size: number = 7;\nexport default { plans: { listSize: size } };"],
    [
      "check.config.mts",
      `import { join } from "node:path";\nexport default { plans: { listSize: join("a", "b").length + 4 } };`,
    ],
    ["check.config.mjs", "export default { plans: { listSize: await Promise.resolve(7) } };"],
    ["check.config.js", "export default { plans: { listSize: 7 } };"],
    ["check.config.js", "module.exports = { plans: { listSize: 7 } };"],
  ])("are read from %s: %s", async (name, text) => {
    await writeFile(join(folder, name), text);
    expect((await readCheckConfig(folder)).plans.listSize).toBe(7);
  });

  it("are the defaults where there is no file", async () => {
    expect((await readCheckConfig(folder)).plans.listSize).toBeGreaterThan(0);
  });

  it.each([
    ["check.config.ts", "export const size: number = 7;", "it has no default export"],
    ["check.config.mts", "export const size: number = 7;", "it has no default export"],
    ["check.config.mjs", "export const size = 7;", "it has no default export"],
    ["check.config.js", "export const size = 7;", "it has no default export"],
    ["check.config.mjs", "throw new Error('no disk');", "no disk"],
    ["check.config.mjs", "import './gone.mjs'; export default {};", "gone.mjs"],
  ])("are told to be unreadable: %s with %s", async (name, text, reason) => {
    await writeFile(join(folder, name), text);
    const reading = readCheckConfig(folder);
    await expect(reading).rejects.toThrow(UsageError);
    await expect(reading).rejects.toThrow(reason);
  });
});
