import { readdirSync, readFileSync } from "node:fs";
import { buildSchema, parse, Source, validate } from "graphql";
import { describe, expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

const schema = buildSchema(read("api.graphql"));

const operations = readdirSync(new URL("../operations/", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(new URL(`../operations/${name}/`, import.meta.url))
      .filter((file) => file.endsWith(".graphql"))
      .map((file) => `operations/${name}/${file}`),
  );

describe("the operations that clients hold on to", () => {
  it("are known", () => {
    expect(operations.length).toBeGreaterThan(0);
  });

  it.each(operations)("can be asked of the API: %s", (path) => {
    const problems = validate(schema, parse(new Source(read(path), path)));
    expect(problems.map((problem) => problem.toString())).toEqual([]);
  });
});
