import type { Artifact } from "@supergraph/registry";
import type { Shell } from "../program.ts";
import type { Revision } from "../revisions/revision.ts";
import { type ReadLive, readHead, type Workspace } from "../workspace.ts";

/** What is live, with what is known now of its use: a registry keeps no operations. */
export const liveRevision = (
  environment: string,
  { subgraphs, events }: Pick<Artifact, "subgraphs" | "events">,
  { operations }: Pick<Revision, "operations">,
): Revision => ({
  name: `registry:${environment}`,
  subgraphs: subgraphs.map(({ name, url, sdl }) => ({ name, url, sdl, path: livePath(environment, name) })),
  operations,
  events: events === null ? null : { path: `registry:${environment}/events.json`, text: events },
});

/** Of a text that is in no file. */
export const livePath = (environment: string, subgraph: string): string =>
  `registry:${environment}/${subgraph}.graphql`;

/** For `--base registry:<environment>`. What reads it is loaded once it is asked for. */
export const liveReader =
  (workspace: Workspace, { env }: Pick<Shell, "env">): ReadLive =>
  async (environment) => {
    const { readLiveArtifact } = await import("./open.ts");
    const [artifact, head] = await Promise.all([readLiveArtifact(env, environment), readHead(workspace)]);
    return liveRevision(environment, artifact, head);
  };
