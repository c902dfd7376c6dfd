import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

// What containers do is seen by `npm run test:compose backups`; this is what becomes of a backup that cannot be made.
const script = fileURLToPath(new URL("../../deploy/compose/backup", import.meta.url));

let home: string;
let folder: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "supergraph-backup-"));
  folder = join(home, "backup");
});
afterEach(() => rm(home, { recursive: true }));

/** Runs it with a `docker` that has these services, and fails once it is asked for what matches `fails`. */
const backup = async (services: readonly string[], { fails = "^$" } = {}) => {
  const bin = join(home, "bin");
  await mkdir(bin);
  await writeFile(
    join(bin, "docker"),
    `#!/usr/bin/env bash
echo "$*" >>"${home}/asked"
if grep -qE '${fails}' <<<"$*"; then echo "the disk is full" >&2; exit 7; fi
case "$*" in
  *" ps --services") printf '%s\\n' ${services.join(" ")} ;;
  *) echo "contents" ;;
esac
`,
  );
  await chmod(join(bin, "docker"), 0o755);
  const { status, stderr, signal } = spawnSync(script, [folder, "--profile", "scale"], {
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    encoding: "utf8",
  });
  const asked = await readFile(join(home, "asked"), "utf8").catch(() => "");
  const left = (await readdir(home)).filter((name) => name !== "bin" && name !== "asked");
  return { status, stderr, signal, asked: asked.trimEnd().split("\n"), left };
};

const FOUR = ["postgres-users", "postgres-orders", "users", "orders", "orders-2", "router"];

describe("a backup of the shop in containers", () => {
  it("has what is needed to put it back, for nobody else's eyes, and stops nothing of one server", async () => {
    const { status, asked, left } = await backup(["postgres", "users", "orders", "router"]);
    expect({ status, left }).toEqual({ status: 0, left: ["backup"] });
    expect((await readdir(folder)).sort()).toEqual(["postgres.tar.gz", "sandbox-provider.gz", "secrets.json"]);
    expect((await stat(folder)).mode & 0o077).toBe(0);
    expect(asked.filter((line) => / (stop|start) /.test(line))).toEqual([]);
    for (const line of asked) expect(line).toMatch(/^compose --profile scale /);
  });

  it("stops the subgraphs of several servers, and starts them again", async () => {
    const { status, asked } = await backup(FOUR);
    expect(status).toBe(0);
    expect(asked.filter((line) => / (stop|start) /.test(line))).toEqual([
      "compose --profile scale stop users orders orders-2",
      "compose --profile scale start users orders orders-2",
    ]);
    expect((await readdir(folder)).sort()).toEqual([
      "postgres-orders.tar.gz",
      "postgres-users.tar.gz",
      "sandbox-provider.gz",
      "secrets.json",
    ]);
  });

  it.each([
    "exec -T postgres-orders",
    "exec -T sandbox-provider",
    "run --rm",
    "compose --profile scale stop",
  ])("leaves nothing that could be taken for one when `%s` fails, and the shop running", async (fails) => {
    const { status, stderr, asked, left } = await backup(FOUR, { fails });
    expect({ status, left }).toEqual({ status: 7, left: [] });
    expect(stderr).toContain("the disk is full");
    const isStopped = asked.some((line) => line.includes(" stop "));
    expect(asked.some((line) => line.includes(" start "))).toBe(isStopped);
  });

  it("writes over nothing", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "secrets.json"), "of before");
    const { status, stderr } = await backup(FOUR);
    expect(status).toBe(2);
    expect(stderr).toContain("is there already");
    expect(await readFile(join(folder, "secrets.json"), "utf8")).toBe("of before");
  });

  it("says so where no database runs", async () => {
    const { status, stderr, left } = await backup(["router"]);
    expect({ status, left }).toEqual({ status: 1, left: [] });
    expect(stderr).toContain("no database of the shop runs");
  });
});
