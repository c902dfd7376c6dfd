import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createArtifactFiles } from "./artifact-files.ts";
import { RegistryError } from "./errors.ts";
import { type Live, REPORT_TTL_MS, type Stop } from "./live.ts";
import {
  assertEnvironment,
  assertRouter,
  type Pointer,
  parsePointer,
  parseRouterReport,
  type RouterReport,
} from "./pointer.ts";
import { createWhole, listJson, readIfThere, replaceWhole, versionFile } from "./whole-files.ts";

/** How often the directory is looked at: two listings of a few names. */
const POLL_MS = 100;
/** Pointers that were live before are of no use to anybody. */
const KEPT_POINTERS = 5;

/** For one machine: `<directory>/live/<environment>/pointers/<version>.json` and `…/routers/<router>.json`. */
export const createFileLive = (given: string): Live => {
  const directory = resolve(given);
  const artifacts = createArtifactFiles(directory);
  const polls = new Set<NodeJS.Timeout>();
  const pointersOf = (environment: string): string => {
    assertEnvironment(environment);
    return join(directory, "live", environment, "pointers");
  };
  const reportsOf = (environment: string): string => {
    assertEnvironment(environment);
    return join(directory, "live", environment, "routers");
  };
  const reportOf = (environment: string, router: string): string => {
    assertRouter(router);
    return join(reportsOf(environment), `${router}.json`);
  };

  const pointer = async (environment: string): Promise<Pointer | null> => {
    const last = (await listJson(pointersOf(environment))).at(-1);
    if (last === undefined) return null;
    const path = join(pointersOf(environment), last);
    const text = await readIfThere(path);
    // Dropped between listing and reading: there are newer ones.
    return text === null ? pointer(environment) : parsePointer(text.toString("utf8"), path);
  };

  const reports = async (environment: string): Promise<RouterReport[]> => {
    const folder = reportsOf(environment);
    const paths = (await listJson(folder)).map((name) => join(folder, name));
    const texts = await Promise.all(paths.map(readIfThere));
    const oldest = new Date(Date.now() - REPORT_TTL_MS).toISOString();
    return texts
      .flatMap((text, index) => (text ? [parseRouterReport(text.toString("utf8"), paths[index] ?? folder)] : []))
      .filter((report) => report !== null)
      .filter(({ at }) => at >= oldest);
  };

  /** Looks again and again, one look after the other; what cannot be read now is read the next time. */
  const poll = (look: () => Promise<void>): Stop => {
    let isLooking = false;
    const once = async (): Promise<void> => {
      if (isLooking) return;
      isLooking = true;
      await look().catch(() => undefined);
      isLooking = false;
    };
    const timer = setInterval(() => void once(), POLL_MS);
    timer.unref();
    polls.add(timer);
    void once();
    return () => {
      clearInterval(timer);
      polls.delete(timer);
    };
  };

  return {
    place: directory,
    pointer,
    async move(next, expected) {
      const current = await pointer(next.environment);
      if ((current?.version ?? null) !== expected) return "lost";
      const folder = pointersOf(next.environment);
      // By the name, of which there can be one only, and which sorts behind what is there.
      const created = await createWhole(join(folder, versionFile(next.version)), JSON.stringify(next));
      if (created === "exists") return "lost";
      const former = (await listJson(folder)).slice(0, -KEPT_POINTERS);
      await Promise.all(former.map((name) => rm(join(folder, name), { force: true })));
      return "moved";
    },
    keepArtifact: artifacts.keep,
    async artifact(hash) {
      const bytes = await artifacts.read(hash);
      if (bytes) return bytes;
      throw new RegistryError("ARTIFACT_MISSING", `There is no artifact ${hash} in ${directory}.`);
    },
    // The directory may be that of the records, which keep everything.
    dropUnused: async () => 0,
    watch(environment, hear) {
      let last: string | undefined;
      return poll(async () => {
        const found = await pointer(environment);
        const state = JSON.stringify(found);
        if (found === null || state === last) return;
        last = state;
        hear(found);
      });
    },
    report: async (environment, report) => replaceWhole(reportOf(environment, report.router), JSON.stringify(report)),
    leave: async (environment, router) => rm(reportOf(environment, router), { force: true }),
    async watchReports(environment, hear) {
      const first = await reports(environment);
      let last = JSON.stringify(first);
      hear(first);
      return poll(async () => {
        const found = await reports(environment);
        const state = JSON.stringify(found);
        if (state === last) return;
        last = state;
        hear(found);
      });
    },
    async close() {
      for (const timer of polls) clearInterval(timer);
      polls.clear();
    },
  };
};
