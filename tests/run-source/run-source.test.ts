import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const cache = join(root, "node_modules", ".cache");

let folder: string;
let entry: string;

beforeEach(async () => {
  await mkdir(cache, { recursive: true });
  // Where the packages of the repository can be found.
  folder = await mkdtemp(join(cache, "run-source-"));
  entry = join(folder, "main.ts");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await rm(keptFolder(), { recursive: true, force: true });
});

const keptFolder = (): string =>
  join(cache, "supergraph-programs", createHash("sha256").update(entry).digest("hex").slice(0, 12));

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  promisify(execFile)(process.execPath, [join(root, "scripts/run-source.mjs"), entry, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr }),
  );

/** What was written for the program, but for what tells which of it is current. */
const writtenFiles = async (): Promise<string[]> =>
  (await readdir(keptFolder(), { recursive: true }))
    .filter((name) => name.includes("/"))
    .map((name) => name.slice(name.indexOf("/") + 1))
    .sort();

describe("a program that is run from its sources", () => {
  it("is given its arguments, and ends as it says", async () => {
    await write("other.ts", `export const told = (args: readonly string[]): string => args.join("+");`);
    await write(
      "main.ts",
      `#!/usr/bin/env node\nimport { told } from "./other.ts";\nconsole.log(told(process.argv.slice(2)), "≠");\nprocess.exitCode = 3;\n`,
    );
    for (const _ of ["written", "kept"]) expect(await run("a", "b c")).toEqual({ code: 3, out: "a+b c ≠\n", err: "" });
    expect(await writtenFiles()).toEqual(["program.js", "program.js.compiled"]);
  });

  it("is written anew when any of its sources has changed", async () => {
    await write("other.ts", "export const value: number = 1;");
    await write("main.ts", `import { value } from "./other.ts";\nconsole.log(value);\n`);
    expect((await run()).out).toBe("1\n");
    await write("other.ts", "export const value: number = 22;");
    expect((await run()).out).toBe("22\n");
  });

  it("says where a source cannot be read, and runs once it is mended", async () => {
    await write("main.ts", "const = 1;");
    expect(await run()).toMatchObject({ code: 1, out: "", err: expect.stringContaining("main.ts:1:6") });
    await write("main.ts", "console.log(1);");
    expect((await run()).out).toBe("1\n");
  });

  it("does not mind when what was compiled is damaged", async () => {
    await write("main.ts", "console.log(1);");
    await run();
    const [own = ""] = (await readdir(keptFolder())).filter((name) => name !== "kept.json");
    const path = join(keptFolder(), own, "program.js.compiled");
    const whole = await readFile(path);
    const middle = Math.floor(whole.length / 2);
    const zeroed = Buffer.from(whole).fill(0, middle);
    for (const damaged of [Buffer.from("damaged"), zeroed, whole.subarray(0, middle), Buffer.alloc(0)]) {
      await writeFile(path, damaged);
      expect(await run()).toEqual({ code: 0, out: "1\n", err: "" });
      // Compiled anew, and kept.
      expect(await readFile(path)).not.toEqual(damaged);
    }
  });

  it("shares packages with what it requires, imports later, and starts threads", async () => {
    await write(
      "main.ts",
      [
        `import { buildSubgraphSchema } from "@apollo/subgraph";`,
        `import { startThread } from "@supergraph/service/thread";`,
        `import { isSchema, parse } from "graphql";`,
        `void import("./later.ts").then(({ later }) => {`,
        `  console.log(later, isSchema(buildSubgraphSchema({ typeDefs: parse("type Query { a: Int }") })));`,
        `  const thread = startThread(import.meta.url, "./side-thread", 20);`,
        `  thread.ref();`,
        `  thread.on("message", (message) => console.log(message));`,
        `});`,
      ].join("\n"),
    );
    await write("later.ts", `export const later: string = "later";`);
    await write(
      "side-thread.ts",
      [
        `import { parentPort, workerData } from "node:worker_threads";`,
        `import { twice } from "./twice.ts";`,
        `parentPort?.postMessage(twice(workerData as number));`,
      ].join("\n"),
    );
    await write("twice.ts", "export const twice = (value: number): number => 2 * value;");
    for (const _ of ["written", "kept"]) expect(await run()).toEqual({ code: 0, out: "later true\n40\n", err: "" });
    await write("twice.ts", "export const twice = (value: number): number => value + value + 1;");
    expect((await run()).out).toBe("later true\n41\n");
  });
});
