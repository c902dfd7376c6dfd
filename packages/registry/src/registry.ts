import { setTimeout as pause } from "node:timers/promises";
import { type Artifact, decodeArtifact, encodeArtifact } from "./artifact.ts";
import { distribute } from "./distribution.ts";
import { RegistryError } from "./errors.ts";
import type { Live } from "./live.ts";
import type { Change, Note, Records, Version } from "./records.ts";
import { answersOf, type RouterAnswers, waitForRouters } from "./routers.ts";

/** What is live in an environment. */
export interface Current {
  readonly version: Version;
  readonly artifact: Artifact;
}

/** What a publisher would make live in place of what it was shown, and what its check had to say of that. */
export type Proposal =
  | {
      readonly kind: "accepted";
      readonly artifact: Artifact;
      readonly changes: readonly Change[];
      readonly report: unknown;
    }
  | { readonly kind: "declined"; readonly report: unknown };

/** Who acts, and why: what is recorded of everything. */
export interface Act {
  readonly environment: string;
  readonly by: string;
  readonly why: string | null;
  /** How long routers that are known may take to answer; 0 for not to wait. */
  readonly waitMs: number;
}

export type Published =
  | { readonly kind: "published"; readonly version: Version; readonly routers: RouterAnswers }
  /** It is what is live already. */
  | { readonly kind: "unchanged"; readonly version: Version }
  | { readonly kind: "declined" }
  /** A router cannot serve it. `restored` is the version that was made live instead; null where there was none to go back to. */
  | {
      readonly kind: "refused";
      readonly version: Version;
      readonly routers: RouterAnswers;
      readonly restored: Version | null;
    }
  /** Others published each time before it could. */
  | { readonly kind: "overtaken"; readonly attempts: number }
  /** It is recorded, and so live, but routers could not be told: the next command tells them. */
  | { readonly kind: "untold"; readonly version: Version; readonly reason: string };

export type RolledBack =
  | Exclude<Published, { kind: "declined" | "unchanged" }>
  /** There is no such version, none before it, or it is what is live. */
  | { readonly kind: "impossible"; readonly reason: string };

/** What a former publisher left undone, and was done now. */
export interface Healed {
  /** The version that routers had not been told of. */
  readonly told: number | null;
  /** The version that routers had refused and nobody had taken back, with the one that is live instead. */
  readonly takenBack: { readonly refused: number; readonly restored: number; readonly reason: string } | null;
}

export interface HistoryEntry {
  readonly version: Version;
  /** What came of it, oldest first. */
  readonly notes: readonly Note[];
}

export interface History {
  /** Newest first: the first one is live. */
  readonly entries: readonly HistoryEntry[];
  /** Attempts that the check blocked, oldest first. */
  readonly blocked: readonly Note[];
}

export interface Registry {
  current(environment: string): Promise<Current | null>;
  /**
   * Makes live what `propose` gives for what is live. Asked again, with what is live then, when another was faster.
   * Interrupted at any point it was done wholly or not at all.
   */
  publish(act: Act, propose: (current: Current | null) => Promise<Proposal>): Promise<Published>;
  /** Makes an earlier artifact live again, as a new version: the one before unless `to` says which. */
  rollback(act: Act, to: number | null): Promise<RolledBack>;
  history(environment: string, limit: number): Promise<History>;
  /** Does what a publisher that was interrupted left undone. Safe to repeat, and part of publish. */
  heal(environment: string): Promise<Healed>;
  close(): Promise<void>;
}

export interface RegistryDeps {
  readonly records: Records;
  readonly live: Live;
  readonly now: () => Date;
}

const ATTEMPTS = 5;
const TELLING_ATTEMPTS = 3;
const TELLING_PAUSE_MS = 200;
const REGISTRY = "registry";
/** Publishers that keep an artifact point to it far sooner. */
const UNUSED_MS = 24 * 3_600_000;

export const createRegistry = ({ records, live, now }: RegistryDeps): Registry => {
  const at = (): string => now().toISOString();
  const note = (about: Omit<Note, "at">): Promise<void> => records.note({ ...about, at: at() });

  const append = async (version: Version): Promise<"appended" | "taken"> => {
    try {
      return await records.append(version);
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== "REGISTRY_UNREACHABLE") throw error;
      const message = `${error.message} Whether version ${version.version} of ${version.environment} is live is not known: the history shows it, and to do the same again is safe.`;
      throw new RegistryError("REGISTRY_UNREACHABLE", message, error);
    }
  };

  const artifactOf = async ({ artifact }: Version): Promise<Artifact> =>
    decodeArtifact(artifact, await records.artifact(artifact));

  const current = async (environment: string): Promise<Current | null> => {
    const version = await records.latest(environment);
    if (version === null) return null;
    return { version, artifact: await artifactOf(version) };
  };

  /** The newest version before `version` with another artifact, and one that no router has refused. */
  const before = async (version: Version): Promise<Version | null> => {
    const { environment } = version;
    const refused = new Set(
      (await records.notes(environment)).flatMap(({ kind, version: about }) => (kind === "refused" ? [about] : [])),
    );
    const all = await records.versions(environment, version.version);
    const bad = new Set(all.filter((one) => refused.has(one.version)).map(({ artifact }) => artifact));
    return (
      all.find((one) => one.version < version.version && one.artifact !== version.artifact && !bad.has(one.artifact)) ??
      null
    );
  };

  const restore = async (latest: Version, earlier: Version, act: Pick<Act, "by" | "why">): Promise<Version | null> => {
    const to = await artifactOf(earlier);
    // What is gone back from may be what is corrupted.
    const from = await artifactOf(latest).catch(nullWhenUnusable);
    const version: Version = {
      environment: latest.environment,
      version: latest.version + 1,
      kind: "rollback",
      artifact: earlier.artifact,
      restores: earlier.version,
      at: at(),
      by: act.by,
      why: act.why,
      changes: from ? changesOf(from, to) : [],
      report: null,
    };
    return (await append(version)) === "appended" ? version : null;
  };

  /** Of a version that routers refuse. Where another was published meanwhile, that one decides. */
  const takeBack = async (version: Version, { refusals }: RouterAnswers): Promise<Version | null> => {
    const { environment } = version;
    const reason = refusals.map(({ router, reason: its }) => `${router}: ${its ?? "no reason given"}`).join("\n");
    await note({ environment, version: version.version, kind: "refused", by: REGISTRY, why: reason, report: refusals });
    if (version.kind === "rollback") return null;
    const earlier = await before(version);
    if (earlier === null) return null;
    const why = `version ${version.version} was refused by ${refusals.map(({ router }) => router).join(", ")}`;
    const restored = await restore(version, earlier, { by: REGISTRY, why });
    if (restored) return restored;
    const next = await records.version(environment, version.version + 1);
    // Another process saw the refusal, and was faster.
    return next?.kind === "rollback" ? next : null;
  };

  /** Once all serve it, it is decided. Who has not answered yet may still refuse: then the next command decides. */
  const noteServed = async (
    { environment, version }: Version,
    { serving, silent }: RouterAnswers,
    by: string,
  ): Promise<void> => {
    if (silent.length > 0 || serving.length === 0) return;
    await note({ environment, version, kind: "served", by, why: null, report: serving });
  };

  /** Null once routers are told; else why they are not. */
  const tell = async (environment: string): Promise<string | null> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await distribute(records, live, environment);
        return null;
      } catch (error) {
        if (!(error instanceof RegistryError) || error.code !== "REGISTRY_UNREACHABLE") throw error;
        if (attempt >= TELLING_ATTEMPTS) return error.message;
        await pause(TELLING_PAUSE_MS);
      }
    }
  };

  /** Routers need what is live alone. What cannot be done now is done by the next who publishes. */
  const tidy = async (): Promise<void> => {
    try {
      await live.dropUnused(new Date(now().getTime() - UNUSED_MS));
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
    }
  };

  /** What follows once a version is recorded. */
  const seeThrough = async (
    version: Version,
    { waitMs, by }: Act,
  ): Promise<Extract<Published, { kind: "published" | "refused" | "untold" }>> => {
    const { environment } = version;
    const reason = await tell(environment);
    if (reason !== null) return { kind: "untold", version, reason };
    const routers = await waitForRouters(live, environment, version.version, waitMs);
    if (routers.refusals.length > 0) {
      const restored = await takeBack(version, routers);
      if (restored) await tell(environment);
      return { kind: "refused", version, routers, restored };
    }
    await noteServed(version, routers, by);
    await tidy();
    return { kind: "published", version, routers };
  };

  const heal = async (environment: string): Promise<Healed> => {
    const distributed = await distribute(records, live, environment);
    const latest = await records.latest(environment);
    if (latest === null) return { told: null, takenBack: null };
    const told = distributed === "told" ? latest.version : null;
    const decided = (await records.notes(environment)).some(
      ({ version, kind }) => version === latest.version && kind !== "blocked",
    );
    if (decided || latest.kind === "rollback") return { told, takenBack: null };
    const answers = await answersOf(live, environment, latest.version);
    if (answers.refusals.length === 0) {
      await noteServed(latest, answers, REGISTRY);
      return { told, takenBack: null };
    }
    const restored = await takeBack(latest, answers);
    if (restored === null) return { told, takenBack: null };
    await distribute(records, live, environment);
    const reason = answers.refusals.map(({ router, reason: its }) => `${router}: ${its ?? ""}`).join("\n");
    return { told, takenBack: { refused: latest.version, restored: restored.version, reason } };
  };

  return {
    current,
    heal,
    async publish(act, propose) {
      const { environment, by, why } = act;
      await heal(environment);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const shown = await current(environment);
        const proposal = await propose(shown);
        const { report } = proposal;
        if (proposal.kind === "declined") {
          const version = shown?.version.version ?? null;
          await note({ environment, version, kind: "blocked", by, why, report });
          return { kind: "declined" };
        }
        const { hash, bytes } = await encodeArtifact(proposal.artifact);
        if (shown?.version.artifact === hash) return { kind: "unchanged", version: shown.version };
        await records.keepArtifact(hash, bytes);
        const version: Version = {
          environment,
          version: (shown?.version.version ?? 0) + 1,
          kind: "publish",
          artifact: hash,
          restores: null,
          at: at(),
          by,
          why,
          changes: [...proposal.changes],
          report,
        };
        if ((await append(version)) === "appended") return seeThrough(version, act);
      }
      return { kind: "overtaken", attempts: ATTEMPTS };
    },
    async rollback(act, to) {
      const { environment } = act;
      const latest = await records.latest(environment);
      if (latest === null) return { kind: "impossible", reason: `nothing was ever published to ${environment}` };
      const earlier = to === null ? await before(latest) : await records.version(environment, to);
      if (earlier === null)
        return {
          kind: "impossible",
          reason:
            to === null
              ? `there is no version before ${latest.version} to go back to`
              : `${environment} never had a version ${to}: the last one is ${latest.version}`,
        };
      if (earlier.artifact === latest.artifact)
        return {
          kind: "impossible",
          reason: `what version ${earlier.version} had is live, as version ${latest.version}`,
        };
      const restored = await restore(latest, earlier, act);
      return restored === null ? { kind: "overtaken", attempts: 1 } : seeThrough(restored, act);
    },
    async history(environment, limit) {
      const [versions, notes] = await Promise.all([records.versions(environment, limit), records.notes(environment)]);
      const after = versions.at(-1)?.at ?? "";
      return {
        entries: versions.map((version) => ({
          version,
          notes: notes.filter((one) => one.kind !== "blocked" && one.version === version.version),
        })),
        blocked: notes.filter((one) => one.kind === "blocked" && one.at >= after),
      };
    },
    async close() {
      await Promise.all([records.close(), live.close()]);
    },
  };
};

const nullWhenUnusable = (error: unknown): null => {
  if (error instanceof RegistryError && error.code.startsWith("ARTIFACT_")) return null;
  throw error;
};

/** Of each subgraph that differs, the versions. */
export const changesOf = (from: Artifact | null, to: Artifact): Change[] => {
  const former = new Map(from?.subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  const next = new Map(to.subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  return [...new Set([...former.keys(), ...next.keys()])].sort().flatMap((name) => {
    const before = former.get(name);
    const after = next.get(name);
    const isSame = before?.version === after?.version && before?.sdl === after?.sdl && before?.url === after?.url;
    return isSame ? [] : [{ subgraph: name, from: before?.version ?? null, to: after?.version ?? null }];
  });
};
