import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { BOOKSHOP } from "../testing/bookshop.ts";
import { type GraphFolder, openGraphFolder } from "../testing/graph-folder.ts";
import { STICKY_MARKER } from "./markdown.ts";
import { MARKS_OF_FORMATS } from "./testing/reports.ts";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const workflow: { readonly permissions: object; readonly jobs: { readonly check: Job; readonly report: Job } } = parse(
  await readFile(join(root, ".github/workflows/schema-check.yml"), "utf8"),
);
const { check, report } = workflow.jobs;

const stepOf = ({ steps }: Job, name: string): Step => {
  const step = steps.find((one) => one.name === name);
  if (!step) throw new Error(`there is no step ${name}`);
  return step;
};

describe("the workflow", () => {
  it("lets what a pull request proposes read only, and what may write run nothing of it", () => {
    expect(workflow.permissions).toEqual({});
    expect(check.permissions).toEqual({ contents: "read" });
    expect(report.permissions).toEqual({
      actions: "read",
      contents: "read",
      "pull-requests": "write",
      "security-events": "write",
    });
    expect(report.steps.filter(({ run, uses }) => run !== undefined || uses?.startsWith("actions/checkout"))).toEqual(
      [],
    );
  });

  it("puts nobody's text into a script, and pins actions to their major version", () => {
    const steps = [...check.steps, ...report.steps];
    expect(steps.filter((step) => `${step.run ?? ""}${step.with?.script ?? ""}`.includes("${{"))).toEqual([]);
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w/-]+@v\d+$/);
  });
});

describe("its check", () => {
  let graph: GraphFolder;
  let bin: string;

  beforeAll(async () => {
    graph = await openGraphFolder(BOOKSHOP);
    await graph.commit("before");
    await promisify(execFile)("git", ["-C", graph.path, "update-ref", "refs/remotes/origin/main", "HEAD"]);
    await graph.write({
      "books.graphql": (await readFile(join(graph.path, "books.graphql"), "utf8")).replace(
        "weight: Int!",
        "weight: Int! old: Int",
      ),
    });
    // In the place of npm, so that the graph of this test is checked; what follows `schema --` is the workflow's.
    bin = await mkdtemp(join(tmpdir(), "bin-"));
    const tsx = createRequire(import.meta.url).resolve("tsx");
    await writeFile(
      join(bin, "npm"),
      `#!/bin/sh
[ "$1 $2 $3 $4" = "run -s schema --" ] || exit 9
shift 4
exec "${process.execPath}" --conditions=supergraph-source --import "${tsx}" "${root}schema/src/main.ts" --config supergraph.yaml "$@"
`,
    );
    await chmod(join(bin, "npm"), 0o755);
  }, 60_000);

  afterAll(async () => {
    await graph.remove();
    await rm(bin, { recursive: true });
  });

  const run = (name: string, env: Record<string, string>): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      execFile(
        "bash",
        ["--noprofile", "--norc", "-eo", "pipefail", "-c", stepOf(check, name).run ?? ""],
        { cwd: graph.path, env: { PATH: `${bin}${delimiter}${process.env.PATH}`, ...env } },
        (error, stdout) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out: stdout }),
      );
    });

  it(
    "annotates, and leaves the comment, SARIF, JUnit and JSON where the next steps look",
    { timeout: 60_000 },
    async () => {
      const { code, out } = await run("Check", { BASE_REF: "main" });
      expect(code).toBe(0);
      expect(out).toMatch(/^::\w+ /);
      const read = (name: string): Promise<string> => readFile(join(graph.path, "schema-check", name), "utf8");
      expect(await read("comment.md")).toMatch(MARKS_OF_FORMATS.markdown);
      expect(await read("schema.sarif")).toMatch(MARKS_OF_FORMATS.sarif);
      expect(await read("junit.xml")).toMatch(MARKS_OF_FORMATS.junit);
      expect(await read("report.json")).toMatch(MARKS_OF_FORMATS.json);
      expect(stepOf(report, "Code scanning").with?.sarif_file).toBe("schema-check/schema.sarif");
      const summary = join(graph.path, "summary.md");
      expect((await run("Summary", { GITHUB_STEP_SUMMARY: summary })).code).toBe(0);
      expect(await readFile(summary, "utf8")).toBe(await read("comment.md"));
    },
  );

  it("takes a branch's name for a name, whatever it is", { timeout: 60_000 }, async () => {
    const { code } = await run("Check", { BASE_REF: 'main";touch owned;$(touch owned)#' });
    expect(code).toBe(3);
    await expect(readFile(join(graph.path, "owned"))).rejects.toThrow("ENOENT");
  });
});

describe("its comment", () => {
  interface Comment {
    readonly id: number;
    readonly user: { readonly type: string } | null;
    readonly body: string;
  }

  /** Runs the script as actions/github-script does, in a folder with this report. */
  const post = async (body: string, comments: readonly Comment[]): Promise<[string, object][]> => {
    const calls: [string, object][] = [];
    const folder = await mkdtemp(join(tmpdir(), "comment-"));
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
    const script = new AsyncFunction("github", "context", "require", stepOf(report, "Comment").with?.script ?? "");
    const called =
      (name: string) =>
      async (facts: object): Promise<void> => {
        calls.push([name, facts]);
      };
    await mkdir(join(folder, "schema-check"));
    await writeFile(join(folder, "schema-check", "comment.md"), body);
    const readHere = (path: string, encoding: "utf8"): Promise<string> => readFile(join(folder, path), encoding);
    try {
      await script(
        {
          paginate: async () => comments,
          rest: { issues: { updateComment: called("update"), createComment: called("create"), listComments: null } },
        },
        { repo: { owner: "org", repo: "shop" }, issue: { number: 7 } },
        (name: string) => (name === "node:fs/promises" ? { readFile: readHere } : null),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
    return calls;
  };

  const body = `${STICKY_MARKER}\n## New\n`;
  const bot = { type: "Bot" };

  it("is posted once", async () => {
    expect(await post(body, [{ id: 1, user: bot, body: "Other" }])).toEqual([
      ["create", { owner: "org", repo: "shop", issue_number: 7, body }],
    ]);
  });

  it("is updated from then on, by its marker", async () => {
    const comments = [
      { id: 1, user: null, body: "Other" },
      { id: 2, user: bot, body: `${STICKY_MARKER}\n## Old\n` },
    ];
    expect(await post(body, comments)).toEqual([["update", { owner: "org", repo: "shop", comment_id: 2, body }]]);
  });

  it("is never written over what a person wrote", async () => {
    const [call] = await post(body, [{ id: 3, user: { type: "User" }, body: `${STICKY_MARKER} quoted` }]);
    expect(call?.[0]).toBe("create");
  });

  it("is nothing but a schema check's", async () => {
    await expect(post("Anything", [])).rejects.toThrow("Expected a comment that begins with");
  });
});
