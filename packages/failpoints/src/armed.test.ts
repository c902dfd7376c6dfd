import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isOff, reach } from "./disarmed.ts";
import type { Faults } from "./names.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs `script` in a process of its own, which imports the package by its name under these conditions. */
const run = (conditions: readonly string[], faults: Faults, script: string) =>
  spawnSync(
    process.execPath,
    [
      ...conditions.map((condition) => `--conditions=${condition}`),
      "--import",
      "tsx",
      "--input-type=module",
      "--eval",
      `import { isOff, reach } from "@supergraph/failpoints"; ${script}`,
    ],
    { cwd: root, encoding: "utf8", env: { ...process.env, SUPERGRAPH_FAULTS: JSON.stringify(faults) } },
  );

const ARMED = ["supergraph-faults", "supergraph-source"];
const twice = `reach("relay:published"); process.stdout.write("1"); reach("relay:published"); process.stdout.write("2");`;

describe("failpoints of the fault suite's build", () => {
  it("end the process at the named step, as kill -9 does, when it is reached for the given time", () => {
    expect(run(ARMED, { kill: { step: "relay:published", hit: 2 } }, twice)).toMatchObject({
      signal: "SIGKILL",
      stdout: "1",
    });
  });

  it("leave every other step alone", () => {
    expect(run(ARMED, { kill: { step: "consumer:handled", hit: 1 } }, twice)).toMatchObject({
      status: 0,
      stdout: "12",
    });
  });

  it("take out the guards that are named, and no other", () => {
    const { stdout } = run(ARMED, { off: ["inbox"] }, `process.stdout.write([isOff("inbox"), isOff("stock")].join());`);
    expect(stdout).toBe("true,false");
  });

  it("shift the clock of the process, and nothing else about time", () => {
    const offset = -5 * 60_000;
    const script = `process.stdout.write([Date.now(), new Date().getTime(), new Date(7).getTime(), new Date() instanceof Date].join());`;
    const before = Date.now();
    const [now = 0, constructed = 0, given, isDate] = run(ARMED, { clockOffsetMs: offset }, script).stdout.split(",");
    for (const shifted of [Number(now), Number(constructed)]) {
      expect(shifted - offset).toBeGreaterThanOrEqual(before);
      expect(shifted - offset).toBeLessThanOrEqual(Date.now());
    }
    expect([given, isDate]).toEqual(["7", "true"]);
  });
});

describe("failpoints of every other build", () => {
  it("do nothing, whatever the environment says", () => {
    const faults: Faults = { kill: { step: "relay:published", hit: 1 }, off: ["inbox"] };
    const { status, stdout } = run(
      ["supergraph-source"],
      faults,
      `${twice} process.stdout.write(String(isOff("inbox")));`,
    );
    expect([status, stdout]).toEqual([0, "12false"]);
    expect([reach("relay:published"), isOff("inbox")]).toEqual([undefined, false]);
  });
});
