import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeArtifact, type Live, openLive, type RouterReport } from "@supergraph/registry/live";
import { silentLogger } from "@supergraph/service";
import { eventually, testNatsUrl, WITHOUT_NATS } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Router, type RouterConfig, startRouter } from "../server.ts";
import { compose } from "../testing/library.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])`;
const first = compose({ words: `${LINK} type Query { word: String }` });
const second = compose({ words: `${LINK} type Query { word: String other: String }` });
const BROKEN = "type Query { word: String }";

const PLACES = [
  { where: "in files", without: "" },
  { where: "in NATS", without: testNatsUrl() === null ? ` (${WITHOUT_NATS})` : "" },
];

for (const { where, without } of PLACES)
  describe.skipIf(without !== "")(`a supergraph of a registry ${where}${without}`, () => {
    const cleanup: (() => Promise<unknown>)[] = [];
    let folder: string;
    let registry: { readonly url: string; readonly namespace?: string };
    let publisher: Live;
    let version: number;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "router-registry-"));
      cleanup.push(() => rm(folder, { recursive: true, force: true }));
      registry =
        where === "in files"
          ? { url: `file:${folder}` }
          : { url: testNatsUrl() ?? "", namespace: folder.replace(/[^a-z0-9]/gi, "_") };
      publisher = await openLive({ ...registry, name: "publisher", role: "publisher", log: silentLogger() });
      cleanup.push(() => publisher.close());
      version = 0;
    });
    afterEach(async () => {
      for (const step of cleanup.splice(0).reverse()) await step();
    });

    const publish = async (supergraphSdl: string, corrupt = (bytes: Uint8Array) => bytes): Promise<void> => {
      const { hash, bytes } = await encodeArtifact({ subgraphs: [], supergraphSdl, events: null });
      await publisher.keepArtifact(hash, corrupt(bytes));
      const expected = version === 0 ? null : version;
      version += 1;
      const at = new Date().toISOString();
      const moved = await publisher.move(
        { environment: "production", version, artifact: hash, at, by: "ada" },
        expected,
      );
      expect(moved).toBe("moved");
    };
    const start = async (supergraph: Partial<RouterConfig["supergraph"]> = {}): Promise<Router> => {
      const router = await startRouter(
        {
          server: { port: 0, drainMs: 500 },
          planning: { thread: false },
          supergraph: { registry: { ...registry, environment: "production" }, ...supergraph },
        },
        { log: silentLogger() },
      );
      cleanup.push(() => router.stop());
      return router;
    };
    const state = async (router: Router): Promise<Record<string, unknown>> => {
      const answer = (await (await fetch(`${router.url}/health/ready`)).json()) as {
        state: Record<string, unknown>;
        reported: Record<string, string>;
      };
      return { ...answer.state, source: answer.reported.supergraph };
    };
    const hearReports = async (): Promise<() => readonly RouterReport[]> => {
      let heard: readonly RouterReport[] = [];
      const stop = await publisher.watchReports("production", (reports) => {
        heard = reports;
      });
      cleanup.push(async () => stop());
      return () => heard;
    };

    it("serves what is live, then what is published, and says so each time", async () => {
      await publish(first);
      const router = await start();
      const reports = await hearReports();
      await eventually(() => expect(reports()).toMatchObject([{ version: 1, outcome: "serving", reason: null }]));
      await publish(second);
      await eventually(async () => expect(await state(router)).toMatchObject({ generation: 2, source: "ok" }));
      await eventually(() => expect(reports()).toMatchObject([{ version: 2, outcome: "serving" }]));
      await router.stop();
      await eventually(() => expect(reports()).toEqual([]));
    });

    it("is refused when it cannot be served, with the reason: the former one goes on, and a rollback is served", async () => {
      await publish(first);
      const router = await start();
      const reports = await hearReports();
      await publish(BROKEN);
      await eventually(() =>
        expect(reports()).toMatchObject([{ version: 2, outcome: "refused", reason: expect.stringMatching(/.{10}/) }]),
      );
      expect(await state(router)).toMatchObject({ generation: 1, source: "failed" });
      await publish(first);
      await eventually(() => expect(reports()).toMatchObject([{ version: 3, outcome: "serving" }]));
      expect(await state(router)).toMatchObject({ generation: 1, source: "ok" });
    });

    it("is refused when its artifact is corrupted, and never served", async () => {
      await publish(first);
      const router = await start();
      const reports = await hearReports();
      await publish(second, (bytes) => bytes.subarray(0, bytes.length - 9));
      await eventually(() =>
        expect(reports()).toMatchObject([
          { version: 2, outcome: "refused", reason: expect.stringContaining("is corrupted") },
        ]),
      );
      expect(await state(router)).toMatchObject({ generation: 1 });
    });

    it("is told to be refused by a router that cannot even start with it", async () => {
      await publish(BROKEN);
      const reports = await hearReports();
      await expect(start()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
      await eventually(() => expect(reports()).toMatchObject([{ version: 1, outcome: "refused" }]));
    });

    it("is not there before anything was published: the router tells, and does not start", async () => {
      await expect(start()).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("Nothing was published to production"),
      });
    });

    it("is kept as the last good one, with which the router starts while the registry is down", async () => {
      await publish(first);
      const lastGoodPath = join(folder, "last-good.graphql");
      const before = await start({ lastGoodPath });
      await before.stop();
      expect(await readFile(lastGoodPath, "utf8")).toBe(first);

      const router = await startRouter(
        {
          server: { port: 0, drainMs: 500 },
          planning: { thread: false },
          supergraph: { registry: { url: "nats://me:s3cret@127.0.0.1:1", environment: "production" }, lastGoodPath },
        },
        { log: silentLogger() },
      );
      cleanup.push(() => router.stop());
      expect(await state(router)).toMatchObject({ generation: 1 });
    });

    it("starts with the last good one when what is live is refused, and goes on to what is published next", async () => {
      const lastGoodPath = join(folder, "last-good.graphql");
      await writeFile(lastGoodPath, first);
      await publish(BROKEN);
      const reports = await hearReports();
      const router = await start({ lastGoodPath });
      await eventually(() => expect(reports()).toMatchObject([{ version: 1, outcome: "refused" }]));
      await publish(second);
      await eventually(() => expect(reports()).toMatchObject([{ version: 2, outcome: "serving" }]));
      expect(await state(router)).toMatchObject({ generation: 2, source: "ok" });
    });
  });

describe("a registry's URL", () => {
  it("is told without its password when nobody answers", async () => {
    const supergraph = { registry: { url: "nats://me:s3cret@127.0.0.1:1", environment: "production" } };
    await expect(startRouter({ server: { port: 0 }, supergraph }, { log: silentLogger() })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.not.stringContaining("s3cret"),
    });
  });
});
