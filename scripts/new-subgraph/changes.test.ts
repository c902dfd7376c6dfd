import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createChanges } from "./changes.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "new-subgraph-changes-"));
  writeFileSync(join(root, "there"), "as it was");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("leaves what was written, and can take all of it back", () => {
  const changes = createChanges(root);
  changes.add("folder");
  changes.write("folder/deep/new", "new");
  changes.write("there", "changed");
  changes.write("there", "changed again");
  changes.write("new", "new");
  expect(readFileSync(join(root, "folder/deep/new"), "utf8")).toBe("new");
  changes.undo();
  expect(readdirSync(root)).toEqual(["there"]);
  expect(readFileSync(join(root, "there"), "utf8")).toBe("as it was");
});

it("takes back what somebody else wrote of what it was told to remember", () => {
  const changes = createChanges(root);
  for (const path of ["there", "new"]) changes.remember(path);
  for (const path of ["there", "new"]) writeFileSync(join(root, path), "by another program");
  changes.undo();
  expect(readFileSync(join(root, "there"), "utf8")).toBe("as it was");
  expect(existsSync(join(root, "new"))).toBe(false);
});
