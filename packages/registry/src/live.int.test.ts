import { eventually } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeArtifact, encodeArtifact } from "./artifact.ts";
import { type Live, openLive } from "./live.ts";
import type { Pointer, RouterReport } from "./pointer.ts";
import { aLargeArtifact, encoded } from "./testing/artifacts.ts";
import { LIVE, withoutNats } from "./testing/backends.ts";

const HASH = "a".repeat(64);
const pointer = (version: number, its: Partial<Pointer> = {}): Pointer => ({
  environment: "production",
  version,
  artifact: HASH,
  at: "2026-11-22T12:00:00.000Z",
  by: "ada",
  ...its,
});
const report = (its: Partial<RouterReport> = {}): RouterReport => ({
  router: "router-1",
  version: 1,
  outcome: "serving",
  reason: null,
  at: new Date().toISOString(),
  ...its,
});

for (const [where, prepare] of Object.entries(LIVE)) {
  const without = where === "in NATS" ? withoutNats() : "";
  describe.skipIf(without !== "")(`what is live ${where}${without}`, () => {
    let place: Awaited<ReturnType<typeof prepare>>;
    let live: Live;
    const opened: Live[] = [];
    const open = async (how: () => Promise<Live>): Promise<Live> => {
      const one = await how();
      opened.push(one);
      return one;
    };
    beforeEach(async () => {
      place = await prepare();
      live = await open(place.open);
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
      await place.remove();
    });

    it("is nothing before anything was moved", async () => {
      expect(await live.pointer("production")).toBeNull();
    });

    it("keeps the artifacts that any environment points to, and those of late, whatever else is dropped", async () => {
      const artifacts = await Promise.all(["1", "2", "3"].map((version) => encoded({ products: version })));
      const [old, inStaging, inProduction] = artifacts;
      if (!old || !inStaging || !inProduction) throw new Error("three");
      for (const { hash, bytes } of artifacts) await live.keepArtifact(hash, bytes);
      await live.move(pointer(1, { artifact: inProduction.hash }), null);
      await live.move(pointer(1, { environment: "staging", artifact: inStaging.hash }), null);
      expect(await live.dropUnused(new Date(Date.now() - 60_000))).toBe(0);
      expect(await live.artifact(old.hash)).toEqual(Buffer.from(old.bytes));

      const dropped = await live.dropUnused(new Date(Date.now() + 60_000));
      for (const { hash, bytes } of [inStaging, inProduction])
        expect(await live.artifact(hash)).toEqual(Buffer.from(bytes));
      // Of files the records have every one.
      expect(dropped).toBe(where === "in NATS" ? 1 : 0);
      if (dropped === 0) return;
      await expect(live.artifact(old.hash)).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
      expect(await live.dropUnused(new Date(Date.now() + 60_000))).toBe(0);
      await live.keepArtifact(old.hash, old.bytes);
      expect(await live.artifact(old.hash)).toEqual(Buffer.from(old.bytes));
    });

    it("drops all pieces of a large artifact", async () => {
      const { hash, bytes } = await encodeArtifact(aLargeArtifact());
      await live.keepArtifact(hash, bytes);
      if ((await live.dropUnused(new Date(Date.now() + 60_000))) === 0) return expect(where).toBe("in files");
      await expect(live.artifact(hash)).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
      await live.keepArtifact(hash, bytes);
      expect(await live.artifact(hash)).toEqual(Buffer.from(bytes));
    });

    it("is moved from the version that was seen, and from no other", async () => {
      expect(await live.move(pointer(1), null)).toBe("moved");
      expect(await live.move(pointer(1, { by: "bob" }), null)).toBe("lost");
      expect(await live.move(pointer(2), 1)).toBe("moved");
      expect(await live.move(pointer(3), 1)).toBe("lost");
      const router = await open(place.openAsRouter);
      expect(await router.pointer("production")).toEqual(pointer(2));
      expect(await router.pointer("staging")).toBeNull();
    });

    it("is moved by one of many that move it at once", async () => {
      const others = await Promise.all(Array.from({ length: 4 }, () => open(place.open)));
      await live.move(pointer(1), null);
      const outcomes = await Promise.all(others.map((one, index) => one.move(pointer(2, { by: `${index}` }), 1)));
      expect(outcomes.filter((outcome) => outcome === "moved")).toHaveLength(1);
      expect((await live.pointer("production"))?.by).toBe(String(outcomes.indexOf("moved")));
    });

    it("goes on after many moves", async () => {
      for (let version = 1; version <= 12; version += 1)
        expect(await live.move(pointer(version), version === 1 ? null : version - 1)).toBe("moved");
      expect(await live.pointer("production")).toEqual(pointer(12));
    });

    it("reaches who watches, from what there is to what comes", async () => {
      const router = await open(place.openAsRouter);
      const heard: number[] = [];
      await live.move(pointer(1), null);
      const stop = router.watch("production", ({ version }) => heard.push(version));
      await eventually(() => expect(heard).toEqual([1]));
      await live.move(pointer(1, { environment: "staging" }), null);
      await live.move(pointer(2), 1);
      await eventually(() => expect(heard).toEqual([1, 2]));
      stop();
    });

    it("has artifacts, large ones too, and tells of one that is missing", async () => {
      const { hash, bytes } = await encodeArtifact(aLargeArtifact());
      expect(bytes.length).toBeGreaterThan(1_048_576);
      await live.keepArtifact(hash, bytes);
      await live.keepArtifact(hash, bytes);
      const router = await open(place.openAsRouter);
      expect(await decodeArtifact(hash, await router.artifact(hash))).toEqual(aLargeArtifact());
      await expect(router.artifact(HASH)).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
    });

    it("replaces an artifact that was corrupted by the whole one", async () => {
      const { hash, bytes } = await encoded();
      await live.keepArtifact(hash, bytes.subarray(0, 10));
      await live.keepArtifact(hash, bytes);
      expect(Buffer.from(await live.artifact(hash)).equals(bytes)).toBe(true);
    });

    it("tells publishers what each router made of it, until the router leaves", async () => {
      const router = await open(place.openAsRouter);
      const served = report();
      await router.report("production", served);
      const heard: RouterReport[][] = [];
      const stop = await live.watchReports("production", (reports) => heard.push([...reports]));
      expect(heard).toEqual([[served]]);
      const refused = report({ version: 2, outcome: "refused", reason: "no such directive" });
      const second = report({ router: "router-2" });
      await router.report("production", refused);
      await router.report("production", second);
      await router.report("staging", report({ router: "elsewhere" }));
      const byName = (a: RouterReport, b: RouterReport) => (a.router < b.router ? -1 : 1);
      await eventually(() => expect(heard.at(-1)?.sort(byName)).toEqual([refused, second]));
      await router.leave("production", "router-1");
      await eventually(() => expect(heard.at(-1)).toEqual([second]));
      stop();
    });

    it("is heard of all routers but one that says what nobody understands", async () => {
      const understood = report({ router: "router-2" });
      await live.report("production", { ...report(), outcome: "puzzled" as "serving" });
      await live.report("production", understood);
      const heard: (readonly RouterReport[])[] = [];
      const stop = await live.watchReports("production", (reports) => heard.push(reports));
      expect(heard).toEqual([[understood]]);
      stop();
    });

    it("refuses a name of an environment that could be a path or a wildcard", async () => {
      for (const name of ["", "../x", "a/b", "a.b", "*", ">"])
        await expect((async () => live.pointer(name))()).rejects.toMatchObject({ code: "NAME_UNUSABLE" });
    });
  });
}

describe("what is live at a broker that is down", () => {
  it("is told not to be reachable, without the password", async () => {
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const url = "nats://me:s3cret@127.0.0.1:1";
    await expect(
      openLive({ url, name: "test", role: "router", log: silent, connectTimeoutMs: 300 }),
    ).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE", message: expect.not.stringContaining("s3cret") });
  });
});
