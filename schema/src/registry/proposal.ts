import { type Current, changesOf, type Proposal, type PublishedSubgraph } from "@supergraph/registry";
import type { Approval } from "../approvals/approvals.ts";
import { check } from "../check/check.ts";
import type { Report } from "../check/report.ts";
import type { CompositionCache } from "../check/state.ts";
import type { SubgraphSource } from "../composition/compose.ts";
import type { Revision } from "../revisions/revision.ts";
import type { Workspace } from "../workspace.ts";
import { livePath, liveRevision } from "./live-revision.ts";
import { publishedEvents } from "./published-events.ts";
import { rememberCompositions } from "./remembered-compositions.ts";

/** What somebody would have live. */
export interface Publication {
  readonly environment: string;
  /** As their files have them. */
  readonly subgraphs: readonly SubgraphSource[];
  /** What they are called, all of them. */
  readonly version: string;
  /** Whether they are all there is to be: what is live beside them goes. */
  readonly isWhole: boolean;
}

export interface Proposer {
  /** Checks it against what is live. */
  propose(current: Current | null): Promise<Proposal>;
  /** Of the last check; null before one. */
  report(): Report | null;
}

/** A check needs operations, approvals and rules, which are the workspace's; `head` has them read. */
export const createProposer = (
  publication: Publication,
  deps: {
    readonly workspace: Workspace;
    readonly head: Revision;
    readonly approvals: readonly Approval[];
    readonly cache: CompositionCache | null;
    readonly now: () => Date;
  },
): Proposer => {
  const { workspace, head, approvals, now } = deps;
  const { environment } = publication;
  const { cache, supergraphOf } = rememberCompositions(deps.cache);
  let last: Report | null = null;
  return {
    report: () => last,
    async propose(current) {
      const published = publishedOf(publication, current);
      const paths = new Map(publication.subgraphs.map(({ name, path }) => [name, path]));
      const subgraphs = published.map(({ name, url, sdl }) => ({
        name,
        url,
        sdl,
        path: paths.get(name) ?? livePath(environment, name),
      }));
      const names = publication.subgraphs.map(({ name }) => name);
      const base = current && liveRevision(environment, current.artifact, head);
      const events = publishedEvents(head.events, {
        producers: publication.isWhole ? "all" : new Set(names),
        live: base?.events ?? null,
      });
      last = await check({
        head: { ...head, name: `${names.join(", ")} ${publication.version}`, subgraphs, events: events.head },
        base: base && { ...base, events: events.base },
        config: workspace.config,
        approvals,
        // Whether files of the working copy are up to date is not what is published.
        committed: [],
        cache,
        now: now(),
      });
      const { timings: _timings, ...report } = last;
      const supergraphSdl = supergraphOf(subgraphs);
      if (last.verdict !== "pass" || supergraphSdl === null) return { kind: "declined", report };
      const artifact = { subgraphs: published, supergraphSdl, events: events.published };
      return { kind: "accepted", artifact, changes: changesOf(current?.artifact ?? null, artifact), report };
    },
  };
};

/** What is not published stays as it is live; of a whole graph, what has not changed keeps the version that it has. */
const publishedOf = (
  { subgraphs, version, isWhole }: Publication,
  current: Current | null,
): readonly PublishedSubgraph[] => {
  const live = new Map(current?.artifact.subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  const own = subgraphs.map(({ name, url, sdl }): PublishedSubgraph => {
    const former = live.get(name);
    const isSame = former?.sdl === sdl && former.url === url;
    return isWhole && former && isSame ? former : { name, url, sdl, version };
  });
  const names = new Set(own.map(({ name }) => name));
  const others = isWhole ? [] : [...live.values()].filter(({ name }) => !names.has(name));
  return [...others, ...own].sort((a, b) => (a.name < b.name ? -1 : 1));
};
