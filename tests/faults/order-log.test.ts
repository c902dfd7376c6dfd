import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOrderLog, readOrderLog } from "./order-log.ts";

describe("the log of what clients sent and were told", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "supergraph-order-log-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("gives back what was appended, also by several at once", async () => {
    const path = join(directory, "several.jsonl");
    const log = await openOrderLog(path);
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => log.append({ kind: "acknowledged", key: `k${index}`, orderId: "o" })),
    );
    await log.append({ kind: "sent", key: "last" });
    await log.append({ kind: "refused", key: "no", code: "PRICE_CHANGED", final: true });
    await log.append({ kind: "refused", key: "perhaps", code: "PRICE_CHANGED", final: false });
    await log.append({ kind: "cancelled", orderId: "o" });
    await log.close();
    const content = await readOrderLog(path);
    expect(content.acknowledged.map(({ idempotencyKey }) => idempotencyKey)).toEqual(
      Array.from({ length: 100 }, (_, index) => `k${index}`),
    );
    expect(content).toMatchObject({ sentKeys: ["last"], refusedKeys: ["no"], cancelledOrderIds: ["o"] });
  });

  it("goes on where a former program ended", async () => {
    const path = join(directory, "twice.jsonl");
    for (const key of ["first", "second"]) {
      const log = await openOrderLog(path);
      await log.append({ kind: "sent", key });
      await log.close();
    }
    expect((await readOrderLog(path)).sentKeys).toEqual(["first", "second"]);
  });

  it("drops a last line that was torn by a kill, and no other", async () => {
    const path = join(directory, "torn.jsonl");
    await writeFile(path, '{"kind":"sent","key":"whole"}\n{"kind":"sent","ke');
    expect((await readOrderLog(path)).sentKeys).toEqual(["whole"]);
    await appendFile(path, "\n");
    await expect(readOrderLog(path)).rejects.toThrow("torn.jsonl:2 is no entry of an order log");
  });

  it("holds everything that was told before a SIGKILL", async () => {
    const path = join(directory, "killed.jsonl");
    const child = spawn(
      process.execPath,
      ["--conditions=supergraph-source", "--import", "tsx", "--input-type=module", "-e", WRITER],
      { env: { ...process.env, LOG: path, MODULE: fileURLToPath(new URL("order-log.ts", import.meta.url)) } },
    );
    let told = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      told += chunk.toString().split("\n").length - 1;
      if (told >= 50) child.kill("SIGKILL");
    });
    await once(child, "close");
    const { sentKeys } = await readOrderLog(path);
    expect(told).toBeGreaterThanOrEqual(50);
    expect(sentKeys.length).toBeGreaterThanOrEqual(told);
    expect(sentKeys).toEqual(sentKeys.map((_, index) => `k${index}`));
  });
});

const WRITER = `
  const { openOrderLog } = await import(process.env.MODULE);
  const log = await openOrderLog(process.env.LOG);
  for (let index = 0; ; index += 1) {
    await log.append({ kind: "sent", key: "k" + index });
    process.stdout.write("told\\n");
  }`;
