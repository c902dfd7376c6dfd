import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let directory: string;

/** A kubectl that writes down what it is asked, and fails at what FAILS says. */
const KUBECTL = `#!/usr/bin/env bash
if [ "$1" = kustomize ]; then cat "$MANIFESTS"; exit; fi
printf '%s\\n' "$*" | sed "s#-f [^ ]*#-f manifests#" >>"$ASKED"
[ -z "\${FAILS:-}" ] || ! grep -q "$FAILS" <<<"$*"
`;

const MANIFESTS = `apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: orders-db
  namespace: supergraph
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: supergraph
`;

const MIGRATIONS = "-l app.kubernetes.io/component=migration";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "supergraph-rollout-"));
  await writeFile(join(directory, "kubectl"), KUBECTL);
  await chmod(join(directory, "kubectl"), 0o755);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const rollOut = async (manifests: string, env: Readonly<Record<string, string>> = {}) => {
  const asked = join(directory, "asked");
  await writeFile(asked, "");
  await writeFile(join(directory, "manifests.yaml"), manifests);
  const { status, stderr } = spawnSync(fileURLToPath(new URL("rollout", import.meta.url)), ["production"], {
    encoding: "utf8",
    env: {
      PATH: `${directory}:${process.env.PATH}`,
      ASKED: asked,
      MANIFESTS: join(directory, "manifests.yaml"),
      ...env,
    },
  });
  return { status, stderr, asked: (await readFile(asked, "utf8")).trimEnd().split("\n") };
};

describe("a rollout", () => {
  it("changes the databases first, then the subgraphs, then the router, and waits for each", async () => {
    const { status, asked } = await rollOut(MANIFESTS);
    expect(asked).toEqual([
      "apply -f manifests -l app.kubernetes.io/component notin (router, subgraph, provider, scaling, migration)",
      "-n supergraph wait --for=condition=Ready clusters.postgresql.cnpg.io --all --timeout=10m",
      `-n supergraph delete jobs ${MIGRATIONS} --ignore-not-found`,
      `apply -f manifests ${MIGRATIONS}`,
      `-n supergraph wait --for=condition=Complete jobs ${MIGRATIONS} --timeout=10m`,
      "apply -f manifests -l app.kubernetes.io/component in (subgraph, provider)",
      "-n supergraph rollout status deployment -l app.kubernetes.io/component=subgraph --timeout=10m",
      "apply -f manifests -l app.kubernetes.io/component in (router, scaling)",
      "-n supergraph rollout status deployment -l app.kubernetes.io/component=router --timeout=10m",
    ]);
    expect(status).toBe(0);
  });

  it("changes no process where a migration fails, and shows what the migration said", async () => {
    const { status, stderr, asked } = await rollOut(MANIFESTS, { FAILS: "condition=Complete" });
    expect(status).toBe(1);
    expect(stderr).toContain("no process was changed");
    expect(asked.at(-1)).toBe(`-n supergraph logs ${MIGRATIONS} --tail=20 --prefix`);
  });

  it("leaves the router as it is where a subgraph does not come up", async () => {
    const { status, asked } = await rollOut(MANIFESTS, { FAILS: "rollout status" });
    expect(status).toBe(1);
    expect(asked.at(-1)).toContain("app.kubernetes.io/component=subgraph");
  });

  it("waits for no databases where the overlay makes none", async () => {
    const { asked } = await rollOut(MANIFESTS.slice(MANIFESTS.indexOf("---\n") + 4));
    expect(asked.filter((one) => one.includes("clusters"))).toEqual([]);
  });

  it("refuses manifests of several namespaces", async () => {
    const { status, asked } = await rollOut(`${MANIFESTS}---\nkind: Service\nmetadata:\n  namespace: other\n`);
    expect({ status, asked }).toEqual({ status: 1, asked: [""] });
  });
});
