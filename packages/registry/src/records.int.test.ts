import { openDatabase } from "@supergraph/postgres";
import { createTestDatabase } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Note, openRecords, type Records } from "./records.ts";
import { aVersion, encoded } from "./testing/artifacts.ts";
import { type Place, RECORDS } from "./testing/backends.ts";

for (const [where, prepare] of Object.entries(RECORDS))
  describe(`records ${where}`, () => {
    let place: Place<Records>;
    let records: Records;
    beforeEach(async () => {
      place = await prepare();
      records = await place.open();
    });
    afterEach(async () => {
      await records.close();
      await place.remove();
    });

    const keep = async (versions?: Record<string, string>): Promise<string> => {
      const { hash, bytes } = await encoded(versions);
      await records.keepArtifact(hash, bytes);
      return hash;
    };
    const aNote = (its: Partial<Note> = {}): Note => ({
      environment: "production",
      version: 1,
      kind: "served",
      at: "2026-11-22T12:00:01.000Z",
      by: "ada",
      why: null,
      report: ["router-1"],
      ...its,
    });

    it("have nothing of an environment to which nothing was published", async () => {
      expect(await records.latest("production")).toBeNull();
      expect(await records.versions("production", 10)).toEqual([]);
      expect(await records.notes("production")).toEqual([]);
    });

    it("give what was appended, also to another process", async () => {
      const first = aVersion({ version: 1, artifact: await keep(), why: "a < b & \"c\" 'd'" });
      const second = aVersion({
        version: 2,
        artifact: await keep({ a: "2" }),
        kind: "rollback",
        restores: 1,
        report: null,
      });
      expect(await records.append(first)).toBe("appended");
      expect(await records.append(second)).toBe("appended");
      const other = await place.open();
      expect(await other.latest("production")).toEqual(second);
      expect(await other.version("production", 1)).toEqual(first);
      expect(await other.version("production", 3)).toBeNull();
      expect(await other.versions("production", 10)).toEqual([second, first]);
      expect(await other.versions("production", 1)).toEqual([second]);
      expect(await other.latest("staging")).toBeNull();
      await other.close();
    });

    it("take each version once: of many that append it at once, one", async () => {
      const artifact = await keep();
      const others = await Promise.all(Array.from({ length: 4 }, () => place.open()));
      const outcomes = await Promise.all(
        others.flatMap((one, index) =>
          [1, 2].map((attempt) => one.append(aVersion({ version: 1, artifact, by: `${index}-${attempt}` }))),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === "appended")).toHaveLength(1);
      const winner = await records.latest("production");
      expect(await records.append(aVersion({ version: 1, artifact, by: "late" }))).toBe("taken");
      expect(await records.latest("production")).toEqual(winner);
      await Promise.all(others.map((one) => one.close()));
    });

    it("keep artifacts as they are, and tell of one that is missing", async () => {
      const { hash, bytes } = await encoded();
      await records.keepArtifact(hash, bytes);
      await records.keepArtifact(hash, bytes);
      expect(Buffer.from(await records.artifact(hash)).equals(bytes)).toBe(true);
      await expect(records.artifact("0".repeat(64))).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
    });

    it("replace an artifact that was corrupted by the whole one", async () => {
      const { hash, bytes } = await encoded();
      await records.keepArtifact(hash, bytes.subarray(0, 10));
      await records.keepArtifact(hash, bytes);
      expect(Buffer.from(await records.artifact(hash)).equals(bytes)).toBe(true);
    });

    it("give notes of an environment, oldest first", async () => {
      await records.note(aNote());
      await records.note(aNote({ kind: "blocked", version: null, at: "2026-11-22T12:00:02.000Z", why: "urgent" }));
      await records.note(aNote({ environment: "staging" }));
      expect(await records.notes("production")).toEqual([
        aNote(),
        aNote({ kind: "blocked", version: null, at: "2026-11-22T12:00:02.000Z", why: "urgent" }),
      ]);
    });

    it("refuse a name of an environment that could be a path or a wildcard", async () => {
      for (const name of ["", "../x", "a/b", "a.b", "*", "a b"])
        await expect((async () => records.latest(name))()).rejects.toMatchObject({ code: "NAME_UNUSABLE" });
    });
  });

describe("records in Postgres, by whoever has the database", () => {
  it("are only ever appended to", async () => {
    const place = await createTestDatabase({ migrate: async () => undefined });
    const records = await openRecords(place.url);
    const { hash, bytes } = await encoded();
    await records.keepArtifact(hash, bytes);
    await records.append(aVersion({ version: 1, artifact: hash }));
    const { sql, close } = openDatabase({ url: place.url, schema: {}, max: 1, applicationName: "test" });
    for (const statement of [
      "update registry_versions set by = 'eve'",
      "delete from registry_versions",
      "delete from registry_artifacts",
    ])
      await expect(sql.unsafe(statement)).rejects.toThrow("only ever appended to");
    expect(await records.latest("production")).toMatchObject({ by: "ada" });
    await close();
    await records.close();
    await place.drop();
  });
});

describe("records of a URL", () => {
  it("are told not to be there when no database answers, without the password", async () => {
    await expect(openRecords("postgres://me:s3cret@127.0.0.1:1/registry")).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      message: expect.not.stringContaining("s3cret"),
    });
  });

  it("are refused when it is of no kind that is known", async () => {
    await expect(openRecords("mysql://me:s3cret@127.0.0.1/registry")).rejects.toMatchObject({
      code: "URL_UNUSABLE",
      message: expect.not.stringContaining("s3cret"),
    });
  });
});
