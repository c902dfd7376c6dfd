import { beforeAll, expect, it } from "vitest";
import { describe } from "./testing/describe.ts";
import {
  type ConfigMap,
  type Manifest,
  OVERLAYS,
  type Overlay,
  overlays,
  portNamed,
  SERVICES,
  source,
} from "./testing/manifest.ts";
import { problemsOf } from "./testing/schemas.ts";

let manifest: (overlay: Overlay) => Manifest;

beforeAll(async () => {
  manifest = await overlays();
}, 120_000);

describe.each(OVERLAYS)("the overlay %s", (overlay) => {
  it("is what Kubernetes and its operators take, with no field that they do not know", () => {
    expect(manifest(overlay).objects.flatMap(problemsOf)).toEqual([]);
    expect(manifest(overlay).objects.length).toBeGreaterThan(40);
  });

  it("has all that belongs to a namespace in its own, and that namespace admits restricted pods only", () => {
    const { objects, namespace } = manifest(overlay);
    for (const { kind, metadata } of objects)
      if (kind !== "Namespace") expect(metadata.namespace, `${kind} ${metadata.name}`).toBe(namespace.metadata.name);
    expect(namespace.metadata.labels?.["pod-security.kubernetes.io/enforce"]).toBe("restricted");
  });

  it("names no object twice", () => {
    const names = manifest(overlay).objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("gives no container more than it needs: no root, no privilege, no capability, no file system to write to", () => {
    for (const { name, pod, container } of manifest(overlay).containers) {
      expect(pod.securityContext, name).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(container.securityContext, name).toEqual({
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect([pod.hostNetwork, pod.hostPID, pod.hostIPC], name).toEqual([undefined, undefined, undefined]);
      expect(pod.volumes?.some((volume) => volume.hostPath !== undefined) ?? false, name).toBe(false);
    }
  });

  it("gives every container what it asks for and a limit", () => {
    for (const { name, container } of manifest(overlay).containers)
      expect(container.resources, name).toEqual({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { cpu: expect.any(String), memory: expect.any(String) },
      });
  });

  it("runs every pod as an account of its own that has no rights and no token", () => {
    const accounts = manifest(overlay).of("ServiceAccount");
    for (const { name, pod } of manifest(overlay).containers) {
      expect(
        accounts.map(({ metadata }) => metadata.name),
        name,
      ).toContain(pod.serviceAccountName);
      expect(pod.automountServiceAccountToken, name).toBe(false);
    }
    for (const account of accounts)
      expect(account, account.metadata.name).toMatchObject({ automountServiceAccountToken: false });
    const rights = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];
    expect(manifest(overlay).objects.filter(({ kind }) => rights.includes(kind))).toEqual([]);
  });

  it("keeps Kubernetes from setting variables that look like the processes' own, such as USERS_PORT=tcp://…", () => {
    for (const { name, pod } of manifest(overlay).containers) expect(pod.enableServiceLinks, name).toBe(false);
  });

  it("names every image by a version or a digest, never `latest`", () => {
    for (const { name, container } of manifest(overlay).containers) {
      expect(container.image, name).toMatch(/(:[\w.-]+|@sha256:[0-9a-f]{64})$/);
      expect(container.image, name).not.toMatch(/:latest$/);
      if (overlay === "production") expect(container.image, name).toContain("@sha256:");
    }
  });

  it("holds no secret, in a Secret or anywhere else", () => {
    expect(manifest(overlay).of("Secret")).toEqual([]);
    const settings = manifest(overlay).of<ConfigMap>("ConfigMap");
    const values = [
      ...manifest(overlay).containers.flatMap(({ container }) => container.env?.map(({ value }) => value ?? "") ?? []),
      ...settings.flatMap(({ data }) => Object.values(data)),
    ];
    for (const value of values) expect(value).not.toMatch(/:\/\/[^/\s]*:[^/\s]*@|"d":|PRIVATE KEY/);
    for (const { name, container } of manifest(overlay).containers)
      for (const { name: variable, value } of container.env ?? [])
        if (value !== undefined)
          expect(variable, name).not.toMatch(/PASSWORD|SECRET|API_KEY|_KEYS?$|DATABASE_URL|NATS_URL/);
  });

  it("gives every Deployment probes of all three kinds, on the port that its process listens at", () => {
    for (const deployment of manifest(overlay).deployments) {
      const [container] = deployment.spec.template.spec.containers;
      expect(container, deployment.metadata.name).toMatchObject({
        startupProbe: { httpGet: { path: "/health/live", port: "http" } },
        readinessProbe: { httpGet: { path: "/health/ready", port: "http" } },
        livenessProbe: { httpGet: { path: "/health/live", port: "http" } },
      });
      expect(container?.ports?.map(({ name }) => name)).toContain("http");
    }
  });

  it("waits with every readiness probe for longer than what is checked may take, 2 s", async () => {
    const [, milliseconds] = /CHECK_TIMEOUT_MS = ([\d_]+)/.exec(await source("packages/service/src/health.ts")) ?? [];
    for (const { spec, metadata } of manifest(overlay).deployments)
      expect(Number(spec.template.spec.containers[0]?.readinessProbe?.timeoutSeconds), metadata.name).toBeGreaterThan(
        Number(milliseconds?.replaceAll("_", "")) / 1_000,
      );
  });

  it("gives every Deployment a budget for disruptions that lets one pod go, and selects its pods alone", () => {
    const budgets = manifest(overlay).of<{
      spec: { maxUnavailable: number; selector: { matchLabels: Record<string, string> } };
    }>("PodDisruptionBudget");
    for (const { metadata, spec } of manifest(overlay).deployments) {
      const own = budgets.filter((budget) => isSubset(budget.spec.selector.matchLabels, spec.template.metadata.labels));
      expect(
        own.map((budget) => budget.spec.maxUnavailable),
        metadata.name,
      ).toEqual([1]);
    }
    expect(budgets).toHaveLength(manifest(overlay).deployments.length);
  });

  it("spreads the pods of every Deployment over zones and nodes, those of one version by themselves", () => {
    for (const { metadata, spec } of manifest(overlay).deployments) {
      const spread = spec.template.spec.topologySpreadConstraints ?? [];
      expect(
        spread.map(({ topologyKey }) => topologyKey),
        metadata.name,
      ).toEqual(["topology.kubernetes.io/zone", "kubernetes.io/hostname"]);
      for (const { labelSelector, matchLabelKeys } of spread) {
        expect(labelSelector.matchLabels, metadata.name).toEqual(spec.selector.matchLabels);
        expect(matchLabelKeys).toEqual(["pod-template-hash"]);
      }
    }
  });

  it("replaces a pod only when its successor answers, but the sandbox provider, whose journal has one writer", () => {
    for (const { metadata, spec } of manifest(overlay).deployments)
      expect(spec.strategy, metadata.name).toEqual(
        metadata.name === "sandbox-provider"
          ? { type: "Recreate" }
          : { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      );
  });

  it("lets a pod end by itself: routes are taken away first, and its own drain of 20 s fits into what is left", async () => {
    const [, milliseconds] =
      /STOP_DEADLINE_MS = ([\d_]+)/.exec(await source("packages/service/src/lifecycle.ts")) ?? [];
    const drainSeconds = Number(milliseconds?.replaceAll("_", "")) / 1_000;
    expect(drainSeconds).toBe(20);
    for (const { metadata, spec } of manifest(overlay).deployments) {
      const { terminationGracePeriodSeconds, containers: [container] = [] } = spec.template.spec;
      const before = container?.lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(before, metadata.name).toBeGreaterThanOrEqual(5);
      expect(terminationGracePeriodSeconds, metadata.name).toBeGreaterThan(before + drainSeconds);
    }
  });

  it("comes in waves where Argo CD does it: what is needed, migrations, subgraphs, the router, what scales them", () => {
    for (const { kind, metadata } of manifest(overlay).objects) {
      const component = metadata.labels?.["app.kubernetes.io/component"] ?? "";
      // A volume is bound only once a pod wants it: it comes with its pod.
      const expected = kind === "PersistentVolumeClaim" ? WAVES.provider : (WAVES[component] ?? "0");
      const wave = metadata.annotations?.["argocd.argoproj.io/sync-wave"] ?? "0";
      expect(wave, `${kind} ${metadata.name}`).toBe(expected);
    }
  });

  it.each(SERVICES)("migrates the database of %s as itself and with its image", (service) => {
    const jobs = manifest(overlay).workloads.filter(({ kind }) => kind === "Job");
    const job = jobs.find(({ metadata }) => metadata.name === `${service}-migration`);
    const deployment = manifest(overlay).deployments.find(({ metadata }) => metadata.name === service);
    const [migration] = job?.spec.template.spec.containers ?? [];
    const [container] = deployment?.spec.template.spec.containers ?? [];
    expect(migration?.image).toBe(container?.image);
    // The image's own program is node, in the folder of the workspace.
    expect(migration).toMatchObject({ args: ["dist/migrate.js"] });
    const variable = `${service.toUpperCase()}_DATABASE_URL`;
    expect(migration?.env).toEqual(container?.env?.filter(({ name }) => name === variable));
  });

  it("makes the streams by the program that docker-compose.yml runs, as the operator, before any process", async () => {
    const jobs = manifest(overlay).workloads.filter(({ kind }) => kind === "Job");
    expect(jobs.map(({ metadata }) => metadata.name).sort()).toEqual(
      [...SERVICES.map((service) => `${service}-migration`), "streams"].sort(),
    );
    const { spec, metadata } = jobs.find(({ metadata: { name } }) => name === "streams") ?? {};
    expect(metadata?.labels?.["app.kubernetes.io/component"]).toBe("migration");
    const { containers = [], volumes = [] } = spec?.template.spec ?? {};
    expect(containers[0]).toMatchObject({
      args: ["streams.mjs"],
      env: [{ name: "NATS_URL", valueFrom: { secretKeyRef: { name: "operator-nats", key: "url" } } }],
    });
    const program = volumes.flatMap(({ configMap }) => configMap?.name ?? []);
    const given = manifest(overlay)
      .of<ConfigMap>("ConfigMap")
      .filter((one) => program.includes(one.metadata.name));
    expect(given.map(({ data }) => data["streams.mjs"])).toEqual([await source("deploy/compose/streams.mjs")]);
  });

  it("gives each service the database of its own", () => {
    for (const service of SERVICES) {
      const of = manifest(overlay).containers.filter(({ container }) =>
        container.env?.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === `${service}-db-app`),
      );
      expect(of.map(({ name }) => name).sort()).toEqual([service, `${service}-migration`]);
    }
    const clusters = manifest(overlay).of("Cluster");
    expect(clusters.map(({ metadata }) => metadata.name).sort()).toEqual(SERVICES.map((name) => `${name}-db`).sort());
  });

  it("has Services whose ports are those of the pods behind them, and no Job among these", () => {
    const services = manifest(overlay).of<{
      spec: { selector: Record<string, string>; ports: { port: number; targetPort: string }[] };
    }>("Service");
    for (const { metadata, spec } of services) {
      const behind = manifest(overlay).workloads.filter((workload) =>
        isSubset(spec.selector, workload.spec.template.metadata.labels),
      );
      expect(behind.length, metadata.name).toBeGreaterThan(0);
      for (const workload of behind) {
        expect(workload.kind).toBe("Deployment");
        for (const { port, targetPort } of spec.ports)
          expect(portNamed(workload.spec.template.spec.containers[0], targetPort), metadata.name).toBe(port);
      }
    }
    // What a process calls by a Service's name, it calls at the Service's port.
    const known = new Map(services.map(({ metadata, spec }) => [metadata.name, spec.ports[0]?.port]));
    const called = manifest(overlay).containers.flatMap(({ container }) =>
      (container.env ?? []).flatMap(({ value }) => {
        const url = value !== undefined && URL.canParse(value) ? new URL(value) : null;
        return url && known.has(url.hostname) ? [url] : [];
      }),
    );
    for (const url of called) expect(Number(url.port), url.href).toBe(known.get(url.hostname));
    expect(new Set(called.map(({ hostname }) => hostname))).toEqual(
      new Set(overlay === "dev" ? [...SERVICES, "sandbox-provider"] : SERVICES),
    );
  });

  it("gives the router the supergraph of the repository, under a name that changes with it", async () => {
    const text = await source("schema/supergraph.graphql");
    const routers = manifest(overlay).deployments.filter(({ metadata }) => metadata.name.startsWith("router"));
    const maps = manifest(overlay).of<ConfigMap>("ConfigMap");
    for (const { metadata, spec } of routers) {
      const volume = spec.template.spec.volumes?.find(({ name }) => name === "supergraph");
      expect(volume?.configMap?.name, metadata.name).toMatch(/^supergraph(-canary)?-[a-z0-9]{10}$/);
      expect(maps.find((map) => map.metadata.name === volume?.configMap?.name)?.data).toEqual({
        "supergraph.graphql": text,
      });
    }
    expect(routers.map(({ metadata }) => metadata.name)).toEqual(
      overlay === "dev" ? ["router"] : ["router", "router-canary"],
    );
  });
});

const WAVES: Readonly<Record<string, string>> = {
  migration: "1",
  subgraph: "2",
  provider: "2",
  router: "3",
  scaling: "4",
};

const isSubset = (some: Readonly<Record<string, string>>, all: Readonly<Record<string, string>>): boolean =>
  Object.entries(some).every(([key, value]) => all[key] === value);
