import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { runProgram, type Shell } from "../program.ts";

/** A folder with a `supergraph.yaml`, and the commands run on it. */
export interface GraphFolder {
  readonly path: string;
  /** Text by path; null removes the file. */
  write(files: Readonly<Record<string, string | null>>): Promise<void>;
  /** Commits all there is. */
  commit(message: string): Promise<void>;
  run(args: readonly string[], shell?: Partial<Shell>): Promise<{ code: number; out: string; err: string }>;
  remove(): Promise<void>;
}

/** With the subgraphs' texts by name, without their `@link`: every directive of federation 2.5 is imported. */
export const openGraphFolder = async (subgraphs: Readonly<Record<string, string>>): Promise<GraphFolder> => {
  const path = await mkdtemp(join(tmpdir(), "graph-"));
  const folder: GraphFolder = {
    path,
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        if (text === null) await rm(join(path, name));
        else await writeFile(join(path, name), text);
      }
    },
    async commit(message) {
      await git(path, "add", "--all");
      await git(path, "-c", "user.name=A Tester", "-c", "user.email=tester@localhost", "commit", "-q", "-m", message);
    },
    async run(args, shell = {}) {
      let out = "";
      let err = "";
      const code = await runProgram(["--config", join(path, "supergraph.yaml"), ...args], {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        stdin: async () => "",
        env: {},
        isTerminal: false,
        width: 120,
        now: () => new Date("2026-06-01T12:00:00Z"),
        ...shell,
      });
      return { code, out, err };
    },
    remove: () => rm(path, { recursive: true }),
  };
  await git(path, "init", "-q", "-b", "main");
  await folder.write(graphFiles(subgraphs));
  return folder;
};

/** The files of these subgraphs, and the `supergraph.yaml` that lists them. */
export const graphFiles = (subgraphs: Readonly<Record<string, string>>): Record<string, string> => ({
  "supergraph.yaml": `subgraphs:\n${Object.keys(subgraphs)
    .map((name) => `  ${name}:\n    routing_url: http://${name}/graphql\n    schema:\n      file: ${name}.graphql\n`)
    .join("")}`,
  ...Object.fromEntries(Object.entries(subgraphs).map(([name, sdl]) => [`${name}.graphql`, `${LINK}\n${sdl}`])),
});

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@tag", "@inaccessible", "@override", "@authenticated", "@requiresScopes", "@interfaceObject"])`;

const run = promisify(execFile);

const git = (path: string, ...args: string[]): Promise<unknown> => run("git", ["-C", path, ...args]);
