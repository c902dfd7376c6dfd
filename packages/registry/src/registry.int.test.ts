import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeArtifact, type Live, RegistryError } from "./live.ts";
import type { RouterReport } from "./pointer.ts";
import type { Records } from "./records.ts";
import { type Act, createRegistry, type Proposal, type Registry } from "./registry.ts";
import { publishing } from "./testing/artifacts.ts";
import { LIVE, RECORDS, withoutNats } from "./testing/backends.ts";
import { interrupted, Killed } from "./testing/interrupted.ts";

const PAIRS = [
  { where: "in files", records: RECORDS["in files"], live: LIVE["in files"], without: "" },
  { where: "in Postgres and NATS", records: RECORDS["in Postgres"], live: LIVE["in NATS"], without: withoutNats() },
];

const now = () => new Date("2026-11-22T12:00:00.000Z");
const act = (its: Partial<Act> = {}): Act => ({
  environment: "production",
  by: "ada",
  why: "release",
  waitMs: 10_000,
  ...its,
});

for (const { where, records: prepareRecords, live: prepareLive, without } of PAIRS)
  describe.skipIf(without !== "")(`a registry ${where}${without}`, () => {
    const cleanup: (() => Promise<unknown>)[] = [];
    let open: () => Promise<{ records: Records; live: Live; registry: Registry }>;
    let records: Records;
    let live: Live;
    let registry: Registry;

    beforeEach(async () => {
      if (!prepareRecords || !prepareLive) throw new Error("There is no such place.");
      const places = [await prepareRecords(), await prepareLive()] as const;
      cleanup.push(
        () => places[0].remove(),
        () => places[1].remove(),
      );
      open = async () => {
        const opened = { records: await places[0].open(), live: await places[1].open() };
        const its = createRegistry({ ...opened, now });
        cleanup.push(() => its.close());
        return { ...opened, registry: its };
      };
      ({ records, live, registry } = await open());
    });
    afterEach(async () => {
      for (const step of cleanup.splice(0).reverse()) await step();
    });

    const versionsLive = async (): Promise<Record<string, string>> => {
      const pointer = await live.pointer("production");
      const { subgraphs } = await decodeArtifact(pointer?.artifact ?? "", await live.artifact(pointer?.artifact ?? ""));
      return Object.fromEntries(subgraphs.map(({ name, version }) => [name, version]));
    };
    const expectConsistent = async (): Promise<void> => {
      const [latest, pointer] = [await records.latest("production"), await live.pointer("production")];
      expect({ version: pointer?.version, artifact: pointer?.artifact }).toEqual({
        version: latest?.version,
        artifact: latest?.artifact,
      });
    };
    const report = (router: string, version: number, reason: string | null = null): Promise<void> =>
      live.report("production", {
        router,
        version,
        outcome: reason === null ? "serving" : "refused",
        reason,
        at: new Date().toISOString(),
      } satisfies RouterReport);
    /** A router that serves what `serves` says of the versions' subgraphs, and refuses all else. */
    const startRouter = async (
      router: string,
      serves: (versions: Record<string, string>) => boolean,
    ): Promise<void> => {
      const reports: Promise<void>[] = [];
      const stop = live.watch("production", ({ version }) => {
        reports.push(
          versionsLive().then((versions) => report(router, version, serves(versions) ? null : "it cannot be served")),
        );
      });
      cleanup.push(async () => {
        stop();
        // It may be writing still, and the place is about to be removed.
        await Promise.all(reports);
      });
    };

    it("goes back to what routers were told of long ago, and is not kept for them any more", async () => {
      const inTwoDays = createRegistry({ records, live, now: () => new Date(Date.now() + 48 * 3_600_000) });
      await inTwoDays.publish(act({ waitMs: 0 }), publishing("products", "1"));
      const first = (await live.pointer("production"))?.artifact ?? "";
      await inTwoDays.publish(act({ waitMs: 0 }), publishing("products", "2"));
      const kept = await live.artifact(first).catch(({ code }: RegistryError) => code);
      expect(kept).toEqual(where === "in files" ? expect.anything() : "ARTIFACT_MISSING");
      expect(await inTwoDays.rollback(act({ waitMs: 0 }), null)).toMatchObject({ kind: "published" });
      expect(await versionsLive()).toEqual({ products: "1" });
    });

    it("makes live what is published, and tells who did it and why", async () => {
      expect(await registry.current("production")).toBeNull();
      expect(await registry.publish(act(), publishing("products", "1"))).toMatchObject({ kind: "published" });
      expect(await registry.publish(act({ by: "bob", why: null }), publishing("orders", "1"))).toMatchObject({
        kind: "published",
        version: { version: 2 },
      });
      expect(await versionsLive()).toEqual({ orders: "1", products: "1" });
      await expectConsistent();
      const { entries, blocked } = await registry.history("production", 10);
      expect(blocked).toEqual([]);
      expect(entries.map(({ version }) => version)).toMatchObject([
        { version: 2, by: "bob", why: null, changes: [{ subgraph: "orders", from: null, to: "1" }] },
        { version: 1, by: "ada", why: "release", at: now().toISOString(), report: { verdict: "pass" } },
      ]);
    });

    it("leaves live what is live when the same is published again", async () => {
      await registry.publish(act(), publishing("products", "1"));
      expect(await registry.publish(act(), publishing("products", "1"))).toMatchObject({
        kind: "unchanged",
        version: { version: 1 },
      });
    });

    it("publishes nothing that its check declines, and keeps who tried", async () => {
      await registry.publish(act(), publishing("products", "1"));
      const declined = async (): Promise<Proposal> => ({ kind: "declined", report: { verdict: "blocked" } });
      expect(await registry.publish(act({ by: "eve" }), declined)).toEqual({ kind: "declined" });
      expect(await versionsLive()).toEqual({ products: "1" });
      expect((await registry.history("production", 10)).blocked).toMatchObject([
        { kind: "blocked", by: "eve", version: 1, report: { verdict: "blocked" } },
      ]);
    });

    it("checks again who was overtaken, against what is live by then: of two at once none is lost", async () => {
      const other = await open();
      await registry.publish(act(), publishing("products", "1"));
      const shown: (number | undefined)[] = [];
      const slow = publishing("orders", "7");
      const first = registry.publish(act(), async (current) => {
        shown.push(current?.version.version);
        // In the midst of its check another publishes.
        if (shown.length === 1) await other.registry.publish(act({ by: "bob" }), publishing("users", "5"));
        return slow(current);
      });
      expect(await first).toMatchObject({ kind: "published", version: { version: 3 } });
      expect(shown).toEqual([1, 2]);
      expect(await versionsLive()).toEqual({ orders: "7", products: "1", users: "5" });
    });

    it("publishes nothing of who was overtaken when what is live by then forbids it", async () => {
      const other = await open();
      const alone = publishing("orders", "7");
      let attempts = 0;
      const outcome = await registry.publish(act(), async (current) => {
        attempts += 1;
        if (attempts === 1) await other.registry.publish(act({ by: "bob" }), publishing("users", "5"));
        return current === null ? alone(current) : { kind: "declined", report: { attempts } };
      });
      expect(outcome).toEqual({ kind: "declined" });
      expect(await versionsLive()).toEqual({ users: "5" });
      await expectConsistent();
    });

    it("gives up who is overtaken again and again", async () => {
      const other = await open();
      let version = 0;
      const outcome = await registry.publish(act(), async (current) => {
        version += 1;
        await other.registry.publish(act(), publishing("users", String(version)));
        return publishing("orders", "1")(current);
      });
      expect(outcome).toEqual({ kind: "overtaken", attempts: 5 });
      expect(await versionsLive()).toEqual({ users: "5" });
    });

    it("loses none of many that publish at the same moment", async () => {
      const names = ["users", "products", "orders", "payments"];
      const others = await Promise.all(names.map(() => open()));
      const outcomes = await Promise.all(
        others.map((one, index) => one.registry.publish(act(), publishing(names[index] ?? "", "1"))),
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual(names.map(() => "published"));
      expect(await versionsLive()).toEqual(Object.fromEntries(names.map((name) => [name, "1"])));
      await expectConsistent();
    });

    it("waits for the routers that are known, and notes that they serve it", async () => {
      await registry.publish(act(), publishing("products", "1"));
      await report("router-1", 1);
      await startRouter("router-1", () => true);
      expect(await registry.publish(act(), publishing("products", "2"))).toMatchObject({
        kind: "published",
        routers: { serving: ["router-1"], silent: [] },
      });
      const { entries } = await registry.history("production", 1);
      expect(entries[0]?.notes).toMatchObject([{ kind: "served", version: 2, report: ["router-1"] }]);
    });

    it("tells of routers that did not answer in time", async () => {
      await registry.publish(act(), publishing("products", "1"));
      await report("router-1", 1);
      expect(await registry.publish(act({ waitMs: 50 }), publishing("products", "2"))).toMatchObject({
        kind: "published",
        routers: { serving: [], silent: ["router-1"] },
      });
    });

    it("takes back by itself what a router refuses, and tells which router, and why", async () => {
      await registry.publish(act(), publishing("products", "1"));
      await report("router-1", 1);
      await report("router-2", 1);
      await startRouter("router-1", () => true);
      await startRouter("router-2", ({ products }) => products === "1");
      expect(await registry.publish(act(), publishing("products", "2"))).toMatchObject({
        kind: "refused",
        version: { version: 2 },
        routers: { refusals: [{ router: "router-2", reason: "it cannot be served" }] },
        restored: { version: 3, kind: "rollback", restores: 1, by: "registry" },
      });
      expect(await versionsLive()).toEqual({ products: "1" });
      await expectConsistent();
      const { entries } = await registry.history("production", 10);
      expect(entries.map(({ notes }) => notes.map(({ kind, why }) => [kind, why]))).toEqual([
        [],
        [["refused", "router-2: it cannot be served"]],
        [["served", null]],
      ]);
    });

    it("tells that there is nothing to go back to when the first version is refused", async () => {
      await report("router-1", 1, "it cannot be served");
      expect(await registry.publish(act(), publishing("products", "1"))).toMatchObject({
        kind: "refused",
        restored: null,
      });
    });

    it("takes back what a router refused while no publisher was there to see it", async () => {
      await registry.publish(act(), publishing("products", "1"));
      await registry.publish(act({ waitMs: 0 }), publishing("products", "2"));
      await report("router-1", 2, "it cannot be served");
      expect(await registry.heal("production")).toEqual({
        told: null,
        takenBack: { refused: 2, restored: 3, reason: "router-1: it cannot be served" },
      });
      expect(await versionsLive()).toEqual({ products: "1" });
      expect(await registry.heal("production")).toEqual({ told: null, takenBack: null });
      // What was refused is nothing to go back to, unless somebody names it.
      expect(await registry.rollback(act(), null)).toMatchObject({ kind: "impossible" });
      expect(await registry.rollback(act({ waitMs: 0 }), 2)).toMatchObject({
        kind: "published",
        version: { restores: 2 },
      });
    });

    it("takes back nothing that all routers were seen to serve, when a command looks later", async () => {
      await registry.publish(act(), publishing("products", "1"));
      await registry.publish(act({ waitMs: 0 }), publishing("products", "2"));
      await report("router-1", 2);
      expect(await registry.heal("production")).toEqual({ told: null, takenBack: null });
      await report("an-older-router", 2, "it cannot be served");
      expect(await registry.heal("production")).toEqual({ told: null, takenBack: null });
      expect((await registry.history("production", 1)).entries[0]?.notes).toMatchObject([{ kind: "served" }]);
    });

    it("leaves live what routers served, whatever a router says that is started later", async () => {
      await registry.publish(act(), publishing("products", "1"));
      await report("router-1", 1);
      await startRouter("router-1", () => true);
      await registry.publish(act(), publishing("products", "2"));
      await report("an-older-router", 2, "it cannot be served");
      expect(await registry.heal("production")).toEqual({ told: null, takenBack: null });
      expect(await versionsLive()).toEqual({ products: "2" });
    });

    it("goes back to what was live before, or to any version, as a new version", async () => {
      for (const version of ["1", "2", "3"]) await registry.publish(act(), publishing("products", version));
      expect(await registry.rollback(act({ by: "bob", why: "carts are empty" }), null)).toMatchObject({
        kind: "published",
        version: { version: 4, kind: "rollback", restores: 2, by: "bob", why: "carts are empty" },
      });
      expect(await versionsLive()).toEqual({ products: "2" });
      expect(await registry.rollback(act(), 1)).toMatchObject({
        kind: "published",
        version: { version: 5, restores: 1 },
      });
      expect(await versionsLive()).toEqual({ products: "1" });
      await expectConsistent();
    });

    it("tells why it cannot go back", async () => {
      expect(await registry.rollback(act(), null)).toMatchObject({ kind: "impossible" });
      await registry.publish(act(), publishing("products", "1"));
      for (const to of [null, 1, 7])
        expect(await registry.rollback(act(), to)).toMatchObject({ kind: "impossible", reason: expect.any(String) });
      expect((await records.versions("production", 10)).length).toBe(1);
    });

    describe("of which a publisher is killed", () => {
      for (const when of ["before", "after"] as const)
        for (const step of [1, 2, 3, 4])
          it(`${when} its write number ${step}, has it published wholly or not at all, and the next one goes on from there`, async () => {
            await registry.publish(act(), publishing("products", "1"));
            const dying = interrupted(await open(), step, when);
            const its = createRegistry({ ...dying, now });
            await expect(its.publish(act({ waitMs: 0 }), publishing("products", "2"))).rejects.toThrow(Killed);
            const recorded = (await records.latest("production"))?.version;
            // The append is the second write: with it, all is done; without, nothing.
            expect(recorded).toBe(step > 2 || (step === 2 && when === "after") ? 2 : 1);

            expect((await registry.heal("production")).told).toBe(
              recorded === 2 && !(step === 4 && when === "after") ? 2 : null,
            );
            expect(await versionsLive()).toEqual({ products: String(recorded) });
            await expectConsistent();
            expect(await registry.publish(act(), publishing("orders", "1"))).toMatchObject({ kind: "published" });
            expect(await versionsLive()).toEqual({ orders: "1", products: String(recorded) });
          });

      it("while it takes back what a router refused, has the next one take it back", async () => {
        await registry.publish(act(), publishing("products", "1"));
        await report("router-1", 2, "it cannot be served");
        // Artifact, version, artifact, pointer, note: killed before the version that would restore.
        const dying = interrupted(await open(), 5, "before");
        const its = createRegistry({ ...dying, now });
        await expect(its.publish(act(), publishing("products", "2"))).rejects.toThrow(Killed);
        expect((await registry.heal("production")).takenBack).toMatchObject({ refused: 2, restored: 3 });
        expect(await versionsLive()).toEqual({ products: "1" });
      });
    });

    it("says that it does not know when the records went away in the moment of the append", async () => {
      const away = new Proxy(records, {
        get: (of, name) =>
          name === "append"
            ? async () => {
                throw new RegistryError("REGISTRY_UNREACHABLE", "The link is gone.");
              }
            : Reflect.get(of, name),
      });
      const its = createRegistry({ records: away, live, now });
      await expect(its.publish(act(), publishing("products", "1"))).rejects.toMatchObject({
        code: "REGISTRY_UNREACHABLE",
        message: expect.stringContaining("Whether version 1 of production is live is not known"),
      });
    });

    it("tells that routers are not told when they cannot be, and the next one tells them", async () => {
      await registry.publish(act(), publishing("products", "1"));
      const away = new Proxy(live, {
        get: (of, name) =>
          name === "move"
            ? async () => {
                throw new RegistryError("REGISTRY_UNREACHABLE", "no answer");
              }
            : Reflect.get(of, name),
      });
      const its = createRegistry({ records, live: away, now });
      expect(await its.publish(act(), publishing("products", "2"))).toMatchObject({
        kind: "untold",
        reason: "no answer",
      });
      expect(await versionsLive()).toEqual({ products: "1" });
      expect(await registry.heal("production")).toEqual({ told: 2, takenBack: null });
      expect(await versionsLive()).toEqual({ products: "2" });
    });

    it("tells routers anew when all that they were told is lost", async () => {
      for (const version of ["1", "2"]) await registry.publish(act(), publishing("products", version));
      const place = await prepareLive?.();
      const other = await place?.open();
      if (!place || !other) throw new Error("There is no such place.");
      cleanup.push(
        () => place.remove(),
        () => other.close(),
      );
      expect(await createRegistry({ records, live: other, now }).heal("production")).toMatchObject({ told: 2 });
      const pointer = await other.pointer("production");
      expect(pointer).toMatchObject({ version: 2 });
      await decodeArtifact(pointer?.artifact ?? "", await other.artifact(pointer?.artifact ?? ""));
    });

    it("refuses to go on when routers are told what no record knows", async () => {
      const artifact = "a".repeat(64);
      await live.move({ environment: "production", version: 9, artifact, at: now().toISOString(), by: "?" }, null);
      await expect(registry.publish(act(), publishing("products", "1"))).rejects.toMatchObject({
        code: "REGISTRY_CONFLICT",
      });
      expect(await records.latest("production")).toBeNull();
    });
  });
