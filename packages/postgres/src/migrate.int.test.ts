import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase } from "@supergraph/testing";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DatabaseUnavailableError, migrate } from "./migrate.ts";

describe("migrate", () => {
  let folder: string;
  let url: string;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "supergraph-migrations-"));
    ({ url, drop } = await createTestDatabase({ migrate: async () => undefined }));
  });

  afterEach(async () => {
    await drop();
    await rm(folder, { recursive: true });
  });

  const writeMigrations = async (...statements: string[]) => {
    await mkdir(join(folder, "meta"), { recursive: true });
    const entries = statements.map((_, idx) => ({
      idx,
      version: "7",
      when: 1_000 + idx,
      tag: `m${idx}`,
      breakpoints: true,
    }));
    await writeFile(
      join(folder, "meta", "_journal.json"),
      JSON.stringify({ version: "7", dialect: "postgresql", entries }),
    );
    for (const [idx, statement] of statements.entries()) await writeFile(join(folder, `m${idx}.sql`), statement);
  };

  const query = async (text: string) => {
    const sql = postgres(url, { max: 1 });
    const rows = await sql.unsafe(text);
    await sql.end();
    return [...rows];
  };

  it("applies each migration once, however many call it at once", async () => {
    await writeMigrations("create table counts (n int)", "insert into counts select 1 from pg_sleep(0.05)");
    await Promise.all(Array.from({ length: 4 }, () => migrate({ url, folder })));
    await migrate({ url, folder });
    expect(await query("select n from counts")).toEqual([{ n: 1 }]);
  });

  it("applies what was added since", async () => {
    await writeMigrations("create table counts (n int)");
    await migrate({ url, folder });
    await writeMigrations("create table counts (n int)", "insert into counts values (2)");
    await migrate({ url, folder });
    expect(await query("select n from counts")).toEqual([{ n: 2 }]);
  });

  it("applies nothing when one migration fails", async () => {
    await writeMigrations("create table counts (n int)", "insert into missing values (1)");
    await expect(migrate({ url, folder })).rejects.toThrow();
    expect(await query("select to_regclass('counts') as found")).toEqual([{ found: null }]);
  });

  it("says that the database cannot be reached, where, and never with which password", async () => {
    const free = await freePort();
    const unreachable = `postgres://orders:secret@127.0.0.1:${free}/orders`;
    const error = await migrate({ url: unreachable, folder, connectWithinMs: 300 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect(error).toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      message: expect.stringContaining(`127.0.0.1:${free}`),
    });
    expect(String(error)).not.toContain("secret");
  });

  it("does not wait for a wrong password to become right", async () => {
    const wrong = new URL(url);
    wrong.password = "wrong";
    // Longer than a test may take.
    const waiting = migrate({ url: wrong.href, folder, connectWithinMs: 120_000 });
    await expect(waiting).rejects.toThrow(/password authentication failed/);
  });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
