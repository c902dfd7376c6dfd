import { beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { describe } from "./testing/describe.ts";
import {
  type Manifest,
  type Overlay,
  overlays,
  SERVICES,
  secretsUsed,
  source,
  type Workload,
} from "./testing/manifest.ts";

let manifest: (overlay: Overlay) => Manifest;

beforeAll(async () => {
  manifest = await overlays();
}, 120_000);

describe("production", () => {
  it("leaves how many pods there are to what scales them, and keeps three of each", () => {
    const scaled = scaling();
    for (const { metadata, spec } of manifest("production").deployments) {
      if (metadata.name === "router-canary") continue;
      expect(spec.replicas, metadata.name).toBeUndefined();
      expect(scaled.find(({ target }) => target === metadata.name)?.least, metadata.name).toBe(3);
    }
    expect(scaled).toHaveLength(manifest("production").deployments.length - 1);
  });

  it("scales every service that handles messages by how many wait for it, and the others by their CPU alone", async () => {
    const consumers = [
      ...(await source("docs/events.md")).matchAll(/`((\w+)-(?:users|products|orders|payments)-[\w-]+)`/g),
    ];
    const consuming = new Set(consumers.map(([, , service]) => service));
    const byLag = scaling().filter(({ query }) => query !== undefined);
    expect(new Set(byLag.map(({ target }) => target))).toEqual(consuming);
    for (const { target, query = "" } of byLag) {
      expect(query).toContain(`namespace="${manifest("production").namespace.metadata.name}"`);
      const [, pattern = ""] = /consumer=~"([^"]+)"/.exec(query) ?? [];
      const found = consumers.filter(([, name = ""]) => new RegExp(`^(?:${pattern})$`).test(name));
      expect(new Set(found.map(([, , service]) => service))).toEqual(new Set([target]));
      expect(await source("packages/service/src/metric-sources.ts")).toContain("supergraph_consumer_pending");
    }
  });

  it("has databases with connections enough for all replicas and one that comes before another goes", () => {
    const clusters = manifest("production").of<{ spec: { postgresql: { parameters: { max_connections: string } } } }>(
      "Cluster",
    );
    for (const { metadata, spec } of clusters) {
      const scaled = scaling().find(({ target }) => `${target}-db` === metadata.name);
      // Those of the operator and of somebody who looks.
      const others = 20;
      expect(((scaled?.most ?? Number.NaN) + 1) * 20 + others, metadata.name).toBeLessThanOrEqual(
        Number(spec.postgresql.parameters.max_connections),
      );
    }
  });

  it("sends clients to GraphQL and the provider to its webhooks, and nobody anywhere else", () => {
    const paths = manifest("production")
      .of<{
        spec: {
          tls: { hosts: string[] }[];
          rules: { host: string; http: { paths: { path: string; pathType: string; backend: unknown }[] } }[];
        };
      }>("Ingress")
      .flatMap(({ spec }) => {
        expect(spec.tls.flatMap(({ hosts }) => hosts)).toEqual(spec.rules.map(({ host }) => host));
        return spec.rules.flatMap(({ http }) => http.paths);
      });
    expect(paths).toEqual([
      { path: "/graphql", pathType: "Exact", backend: { service: { name: "router", port: { name: "http" } } } },
      { path: "/webhooks/psp", pathType: "Exact", backend: { service: { name: "payments", port: { name: "http" } } } },
    ]);
  });

  it("has a canary of the router that is the router: the same but for image, track, supergraph and number", () => {
    const [router, canary] = ["router", "router-canary"].map((name) =>
      manifest("production").deployments.find(({ metadata }) => metadata.name === name),
    );
    const text = (deployment: Workload | undefined) =>
      JSON.stringify(deployment?.spec.template)
        .replaceAll(/supergraph(-canary)?-[a-z0-9]{10}/g, "supergraph")
        .replaceAll(/@sha256:[0-9a-f]{64}/g, "")
        .replaceAll('"track":"canary"', '"track":"stable"');
    expect(text(canary)).toBe(text(router));
    expect(canary?.spec.replicas).toBeTypeOf("number");
    expect(canary?.spec.selector.matchLabels).toEqual({ "app.kubernetes.io/name": "router", track: "canary" });
    expect(router?.spec.selector.matchLabels).toEqual({ "app.kubernetes.io/name": "router", track: "stable" });
  });

  it("has its own image of the canary, that another can be tried", async () => {
    const { images } = parse(await source("deploy/k8s/overlays/production/kustomization.yaml")) as {
      images: { name: string }[];
    };
    expect(images.map(({ name }) => name).sort()).toEqual(
      ["router", "router-canary", ...SERVICES].map((name) => `supergraph/${name}`).sort(),
    );
  });

  it("has every process watched under the name that rules and dashboards call it by", () => {
    const monitors = manifest("production").of<{
      spec: { jobLabel?: string; selector: { matchLabels: Readonly<Record<string, string>> } };
    }>("PodMonitor");
    const jobs = manifest("production").deployments.map(({ spec: { template } }) => {
      const { labels } = template.metadata;
      const [monitor, ...others] = monitors.filter(({ spec }) =>
        Object.entries(spec.selector.matchLabels).every(([name, value]) => labels[name] === value),
      );
      expect(others).toEqual([]);
      return labels[monitor?.spec.jobLabel ?? ""];
    });
    expect(new Set(jobs)).toEqual(new Set(["router", ...SERVICES]));
  });

  it("has the alerts that are tested, and no others", async () => {
    const [rule, ...others] = manifest("production").of<{ spec: { groups: unknown[] } }>("PrometheusRule");
    const groups = await Promise.all(
      ["objectives", "symptoms"].map(
        async (file) =>
          (parse(await source(`deploy/observability/prometheus/rules/${file}.yaml`)) as { groups: unknown[] }).groups,
      ),
    );
    expect(rule?.spec.groups).toEqual(groups.flat());
    expect(others).toEqual([]);
  });

  it("is given every Secret that it uses: by the store, or by the operator that makes the database", () => {
    const stored = manifest("production")
      .of<{ spec: { target: { name: string }; data: { secretKey: string }[] } }>("ExternalSecret")
      .flatMap(({ spec }) => spec.data.map(({ secretKey }) => `${spec.target.name}/${secretKey}`));
    const made = SERVICES.map((service) => `${service}-db-app/uri`);
    for (const { secret, key } of secretsUsed(manifest("production")))
      expect([...stored, ...made]).toContain(`${secret}/${key}`);
  });
});

describe("the values of the chart of NATS", () => {
  it("have a user a service, and the operator, whose password is by reference, and room for the largest message", async () => {
    const { config, container } = parse(await source("deploy/k8s/nats/values.yaml")) as {
      config: { merge: { max_payload: number } };
      container: { env: Record<string, unknown> };
    };
    const { users } = (
      parse(await source("deploy/k8s/nats/users.yaml")) as {
        config: { merge: { accounts: { SHOP: { users: { user: string; password: string }[] } } } };
      }
    ).config.merge.accounts.SHOP;
    expect(users.map(({ user }) => user).sort()).toEqual(["operator", ...SERVICES].sort());
    for (const { user, password } of users) {
      const variable = `${user.toUpperCase()}_PASSWORD`;
      expect(password).toBe(`<< $${variable} >>`);
      expect(container.env[variable]).toEqual({ valueFrom: { secretKeyRef: { name: "nats-users", key: user } } });
    }
    expect(config.merge.max_payload).toBeGreaterThanOrEqual(524_288 + 65_536);
  });
});

/** Who is scaled by what. `least` and `most` are numbers of pods; `query` asks Prometheus for what waits. */
const scaling = () => [
  ...manifest("production")
    .of<{ spec: { scaleTargetRef: { name: string }; minReplicas: number; maxReplicas: number } }>(
      "HorizontalPodAutoscaler",
    )
    .map(({ spec }) => ({
      target: spec.scaleTargetRef.name,
      least: spec.minReplicas,
      most: spec.maxReplicas,
      query: undefined,
    })),
  ...manifest("production")
    .of<{
      spec: {
        scaleTargetRef: { name: string };
        minReplicaCount: number;
        maxReplicaCount: number;
        triggers: { type: string; metadata: { query?: string } }[];
      };
    }>("ScaledObject")
    .map(({ spec }) => ({
      target: spec.scaleTargetRef.name,
      least: spec.minReplicaCount,
      most: spec.maxReplicaCount,
      query: spec.triggers.find(({ type }) => type === "prometheus")?.metadata.query,
    })),
];
