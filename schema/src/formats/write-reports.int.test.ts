import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOOKSHOP } from "../testing/bookshop.ts";
import { type GraphFolder, openGraphFolder } from "../testing/graph-folder.ts";
import { MARKS_OF_FORMATS } from "./testing/reports.ts";

let graph: GraphFolder;

beforeAll(async () => {
  graph = await openGraphFolder({ ...BOOKSHOP, books: BOOKSHOP.books.replace("isbn: ID!", "isbn: ID! old: String") });
  await graph.commit("before");
  await graph.write({
    "books.graphql": (await readFile(join(graph.path, "books.graphql"), "utf8")).replace(" old: String", ""),
  });
});

afterAll(() => graph.remove());

const check = (...args: string[]) =>
  graph.run(["check", "--base", "git:HEAD", ...args], { env: { FORCE_COLOR: "1" }, isTerminal: true });

const read = (name: string): Promise<string> => readFile(join(graph.path, name), "utf8");

describe("check --write", { timeout: 60_000 }, () => {
  it("writes further formats in the run that is told in another, and ends as it does without", async () => {
    const names = Object.keys(MARKS_OF_FORMATS).map((format) => [format, join("reports", `schema.${format}`)] as const);
    const writes = names.flatMap(([format, name]) => ["--write", `${format}=${join(graph.path, name)}`]);
    const { code, out } = await check("--format", "github", ...writes);
    expect(code).toBe(1);
    expect(out).toContain("::error title=API_FIELD_REMOVED Book.old::");
    for (const [format, name] of names) {
      const text = await read(name);
      expect(text).toContain("Book.old");
      expect(text).toMatch(MARKS_OF_FORMATS[format as keyof typeof MARKS_OF_FORMATS]);
      expect(text).not.toContain("\u001b");
    }
    expect((await readdir(join(graph.path, "reports"))).sort()).toEqual(
      names.map(([format]) => `schema.${format}`).sort(),
    );
  });

  it("writes over what a former run wrote", async () => {
    const path = join(graph.path, "again.json");
    await graph.write({ "again.json": `${"x".repeat(1_000_000)}\n` });
    await check("--write", `json=${path}`);
    expect(JSON.parse(await read("again.json")).verdict).toBe("blocked");
  });

  it("writes none of them where one cannot be written, and says which", async () => {
    await mkdir(join(graph.path, "none", "folder"), { recursive: true });
    const none = join(graph.path, "none");
    const { code, out, err } = await check("--write", `json=${none}/a.json`, "--write", `junit=${none}/folder`);
    expect(code).toBe(3);
    expect(out).toBe("");
    expect(err).toBe(`A report cannot be written: ${none}/folder is a folder\n`);
    expect(await readdir(none)).toEqual(["folder"]);
  });

  it.each([
    ["yaml=a.yaml", "Expected <format>=<path>"],
    ["sarif", "Expected <format>=<path>"],
    ["sarif=", "Expected <format>=<path>"],
    ["toString=a", "formats are human, json, markdown, github, sarif, junit"],
  ])("refuses %s before it checks anything", async (text, because) => {
    const { code, out, err } = await check("--write", text);
    expect(code).toBe(3);
    expect(out).toBe("");
    expect(err).toContain(because);
  });

  it("refuses to write two reports into one file", async () => {
    const path = join(graph.path, "twice");
    const { code, err } = await check("--write", `json=${path}`, "--write", `sarif=${path}`);
    expect(code).toBe(3);
    expect(err).toContain("is written twice");
    await expect(read("twice")).rejects.toThrow("ENOENT");
  });
});
