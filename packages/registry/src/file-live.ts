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
  const stops = new Set<Stop>();
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

  /** Looks again and again, one look after the other, and tells what changed; what cannot be read now is read the next time. */
  const poll = <T>(look: () => Promise<T | null>, hear: (found: T) => void, known?: T): Stop => {
    let last = known === undefined ? undefined : JSON.stringify(known);
    let isLooking = false;
    let isStopped = false;
    const once = async (): Promise<void> => {
      if (isLooking) return;
      isLooking = true;
      const found = await look().catch(() => null);
      isLooking = false;
      // Who stopped while the look was under way wants to hear no more.
      if (found === null || isStopped) return;
      const state = JSON.stringify(found);
      if (state === last) return;
      last = state;
      hear(found);
    };
    const timer = setInterval(() => void once(), POLL_MS);
    timer.unref();
    void once();
    const stop = (): void => {
      isStopped = true;
      clearInterval(timer);
      stops.delete(stop);
    };
    stops.add(stop);
    return stop;
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
    watch: (environment, hear) => poll(() => pointer(environment), hear),
    report: async (environment, report) => replaceWhole(reportOf(environment, report.router), JSON.stringify(report)),
    leave: async (environment, router) => rm(reportOf(environment, router), { force: true }),
    async watchReports(environment, hear) {
      const first = await reports(environment);
      hear(first);
      return poll(() => reports(environment), hear, first);
    },
    async close() {
      for (const stop of stops) stop();
    },
  };
};
