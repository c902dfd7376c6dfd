import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs until it ends, by itself or, where `signal` is given, by that once it runs. */
const run = async (how: string, signal?: NodeJS.Signals) => {
  const main = "packages/service/src/testing/faulty-main.ts";
  const child = spawn(process.execPath, ["--conditions=supergraph-source", "--import", "tsx", main, how], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  let isSent = signal === undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (isSent || !output.includes('"runs"')) return;
    isSent = true;
    child.kill(signal);
  });
  const [code] = await once(child, "close");
  const lines = output
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  return { code: code as unknown, lines };
};

describe("a process", () => {
  it.each([
    ["rejects", "unhandledRejection", "nobody waits for this"],
    ["throws", "uncaughtException", "nobody catches this"],
  ])("ends, and tells of it as of everything else, when something %s that nobody handles", async (how, origin, message) => {
    const { code, lines } = await run(how);
    expect(code).toBe(1);
    expect(lines).toMatchObject([
      { msg: "runs" },
      { level: 60, origin, err: { message, stack: expect.any(String) as unknown } },
    ]);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("stops in order on %s", async (signal) => {
    const { code, lines } = await run("runs", signal);
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ msg: "runs" }, { msg: "stopping", signal }, { msg: "stopped" }]);
  });
});
