import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, ".github/workflows");
const workflows = readdirSync(folder).map((name): [string, string] => [name, readFileSync(join(folder, name), "utf8")]);

const Job = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  "timeout-minutes": z.number(),
  steps: z.array(z.looseObject({ uses: z.string().optional(), run: z.string().optional() })),
});
const Workflow = z.looseObject({ permissions: z.object({}).strict(), jobs: z.record(z.string(), Job) });

let directory: string;
/** What GitHub's own reader of workflows has against one. */
let faultsOf: (name: string, content: string) => Promise<readonly string[]>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "supergraph-workflows-"));
  const outfile = join(directory, "parser.mjs");
  // It imports JSON in a way that Node.js 20 does not take.
  const contents = 'export * from "@actions/workflow-parser";';
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const parser: typeof import("@actions/workflow-parser") = await import(
    /* @vite-ignore */ pathToFileURL(outfile).href
  );
  faultsOf = async (name, content) => {
    const { context, value } = parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter());
    if (value) await parser.convertWorkflowTemplate(context, value);
    return context.errors.getErrors().map(({ message }) => message);
  };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(workflows)("%s", (name, content) => {
  it("is a workflow as GitHub reads it", async () => {
    expect(await faultsOf(name, content)).toEqual([]);
  });

  it("may do nothing but what a job asks for, and for no longer than it says", () => {
    expect(() => Workflow.parse(parse(content))).not.toThrow();
  });

  it("runs actions of a version that was chosen", () => {
    for (const { steps } of Object.values(Workflow.parse(parse(content)).jobs))
      for (const { uses } of steps)
        if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w/-]+@(v\d+|[0-9a-f]{40})$/);
  });

  it("leaves no token where what it runs would find it, and puts nobody's text into a script", () => {
    for (const { steps } of Object.values(Workflow.parse(parse(content)).jobs))
      for (const { uses = "", run = "", with: given } of steps) {
        if (uses.startsWith("actions/checkout@")) expect(given).toMatchObject({ "persist-credentials": false });
        expect(run).not.toContain("${{");
      }
  });
});

describe("a workflow that is none", () => {
  const [[, ci] = ["", ""]] = workflows.filter(([name]) => name === "ci.yml");
  const [[, images] = ["", ""]] = workflows.filter(([name]) => name === "images.yml");

  it.each([
    ["a job without a machine", ci, "runs-on: ubuntu-latest", "", /runs-on/],
    ["a setting that there is not", ci, "timeout-minutes:", "timeout-minute:", /timeout-minute/],
    ["a permission that there is not", images, "attestations: write", "attestation: write", /attestation/],
    ["a job that waits for none", images, "needs: push", "needs: pull", /pull/],
    ["an expression that is none", images, "github.repository }}", "github.repository", /expression/i],
    ["a value of nobody", images, "github.actor", "githup.actor", /githup/],
  ])("is told for %s", async (_what, content, from, to, message) => {
    expect(content).toContain(from);
    expect((await faultsOf("it.yml", content.replace(from, to))).join("\n")).toMatch(message);
  });
});
