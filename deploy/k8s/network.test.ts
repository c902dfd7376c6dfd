import { beforeAll, expect, it } from "vitest";
import { describe } from "./testing/describe.ts";
import { type Manifest, OVERLAYS, type Overlay, overlays, SERVICES } from "./testing/manifest.ts";
import { mayConnect, type NetworkPolicy, type Peer } from "./testing/network.ts";

const PORTS = { users: 4001, products: 4002, orders: 4003, payments: 4004 };

/** Machines of ours, or of whoever runs them, that are no pods; the last one gives out credentials of the machine. */
const PRIVATE = ["10.1.2.3", "172.20.0.5", "192.168.1.5", "100.64.0.5", "169.254.169.254"];

/** Who is not in the manifests: in other namespaces, and out in the world. */
const OUTSIDE: readonly Peer[] = [
  { name: "ingress", namespace: "ingress", labels: {}, ip: "10.0.1.1", ports: [] },
  { name: "prometheus", namespace: "monitoring", labels: {}, ip: "10.0.1.2", ports: [9090] },
  { name: "collector", namespace: "observability", labels: {}, ip: "10.0.1.3", ports: [4317, 4318] },
  {
    name: "database operator",
    namespace: "cnpg-system",
    labels: { "app.kubernetes.io/name": "cloudnative-pg" },
    ip: "10.0.1.4",
    ports: [9443],
  },
  { name: "a neighbour", namespace: "others", labels: {}, ip: "10.0.1.5", ports: [80, 443, 5432, 8080] },
  // Of a namespace that is not ours it can call itself what it likes.
  {
    name: "a router of others",
    namespace: "others",
    labels: { "app.kubernetes.io/name": "router", "app.kubernetes.io/component": "router" },
    ip: "10.0.1.6",
    ports: [4000],
  },
  { name: "the cluster's API", ip: "10.96.0.1", ports: [6443] },
  { name: "the internet", ip: "203.0.113.9", ports: [80, 443] },
  ...PRIVATE.map((ip) => ({ name: ip, ip, ports: [80, 443] })),
];

let manifest: (overlay: Overlay) => Manifest;

beforeAll(async () => {
  manifest = await overlays();
}, 120_000);

describe("what the policies of production let through", () => {
  it("is each edge of the architecture, and nothing else", () => {
    const routers = ["router", "router-canary"];
    const databases = SERVICES.map((service) => `${service}-db`);
    const processes = [...routers, ...SERVICES];
    const expected = [
      ...routers.map((router) => `ingress → ${router}:4000`),
      "ingress → payments:4004",
      ...routers.flatMap((router) => SERVICES.map((service) => `${router} → ${service}:${PORTS[service]}`)),
      ...SERVICES.flatMap((service) => [
        `${service} → ${service}-db:5432`,
        `${service}-migration → ${service}-db:5432`,
        `${service} → nats:4222`,
      ]),
      "streams → nats:4222",
      "nats → nats:6222",
      ...databases.flatMap((database) => [
        `${database} → ${database}:5432`,
        `${database} → ${database}:8000`,
        `database operator → ${database}:5432`,
        `database operator → ${database}:8000`,
        // Of whom the API server is one, by no label; and their backups.
        `${database} → the cluster's API:6443`,
        `${database} → the internet:443`,
        ...["a neighbour", ...PRIVATE].map((name) => `${database} → ${name}:443`),
      ]),
      "payments → the internet:443",
      ...processes.map((name) => `${name} → collector:4318`),
      ...routers.map((router) => `prometheus → ${router}:9464`),
      ...SERVICES.map((service) => `prometheus → ${service}:${PORTS[service]}`),
      ...databases.map((database) => `prometheus → ${database}:9187`),
      "prometheus → nats:7777",
    ];
    expect(edges("production")).toEqual([...expected].sort());
  });

  it.each([
    ["a router asks a subgraph", "router", "orders", 4003, true],
    ["a canary asks a subgraph", "router-canary", "orders", 4003, true],
    ["users asks orders", "users", "orders", 4003, false],
    ["users reads the database of orders", "users", "orders-db", 5432, false],
    ["the migration of users changes the database of orders", "users-migration", "orders-db", 5432, false],
    ["a router reads a database", "router", "users-db", 5432, false],
    ["a router speaks to the broker", "router", "nats", 4222, false],
    ["somebody on the internet asks a subgraph", "the internet", "orders", 4003, false],
    ["the provider tells payments through the ingress", "ingress", "payments", 4004, true],
    ["the provider tells payments around the ingress", "the internet", "payments", 4004, false],
    ["the ingress asks another subgraph", "ingress", "users", 4001, false],
    ["a neighbour asks a subgraph", "a neighbour", "users", 4001, false],
    ["a router of others asks a subgraph", "a router of others", "users", 4001, false],
    ["Prometheus asks for the router's metrics", "prometheus", "router", 9464, true],
    ["the ingress asks for the router's metrics", "ingress", "router", 9464, false],
    ["payments asks its provider", "payments", "the internet", 443, true],
    ["orders speaks to the internet", "orders", "the internet", 443, false],
    ["payments speaks to a neighbour", "payments", "a neighbour", 443, false],
  ] as const)("says of whether %s what it should", (_, from, to, port, expected) => {
    expect(mayConnect(policies("production"), peer("production", from), peer("production", to), port)).toBe(expected);
  });
});

describe("what the policies of dev let through", () => {
  it("is what production does, and payments and the sandbox provider to each other in place of the internet", () => {
    const shared = edges("production").filter(
      (edge) =>
        !edge.includes("router-canary") && !edge.includes("collector") && edge !== "payments → the internet:443",
    );
    expect(edges("dev")).toEqual(
      [...shared, "payments → sandbox-provider:4005", "sandbox-provider → payments:4004"].sort(),
    );
  });
});

describe.each(OVERLAYS)("every pod of %s", (overlay) => {
  it("may ask for names", () => {
    const names: Peer = {
      name: "names",
      namespace: "kube-system",
      labels: { "k8s-app": "kube-dns" },
      ip: "10.0.1.9",
      ports: [53],
    };
    for (const pod of pods(overlay)) expect(mayConnect(policies(overlay), pod, names, 53), pod.name).toBe(true);
  });

  it("is open to nobody, and nobody to it, unless a policy says so: one that nobody thought of has no edge but names", () => {
    const forgotten: Peer = {
      name: "forgotten",
      namespace: manifest(overlay).namespace.metadata.name,
      labels: { "app.kubernetes.io/name": "forgotten" },
      ip: "10.0.0.99",
      ports: [80],
    };
    for (const other of [...pods(overlay), ...OUTSIDE]) {
      for (const port of other.ports)
        expect(mayConnect(policies(overlay), forgotten, other, port), other.name).toBe(false);
      expect(mayConnect(policies(overlay), other, forgotten, 80), other.name).toBe(false);
    }
  });

  it("is let in by the policies at ports at which it listens", () => {
    for (const { metadata, spec } of policies(overlay)) {
      const { matchLabels = {} } = spec.podSelector;
      const selected = pods(overlay).filter(({ labels = {} }) =>
        Object.entries(matchLabels).every(([key, value]) => labels[key] === value),
      );
      for (const { ports = [] } of spec.ingress ?? [])
        for (const { port } of ports)
          for (const pod of selected) expect(pod.ports, `${metadata.name} of ${pod.name}`).toContain(port);
      expect(selected.length, metadata.name).toBeGreaterThan(0);
    }
  });
});

const policies = (overlay: Overlay) => manifest(overlay).of<NetworkPolicy>("NetworkPolicy");

/** The pods that there will be: those of the manifests, of the databases by their operator, and of the broker by its chart. */
const pods = (overlay: Overlay): readonly Peer[] => {
  const namespace = manifest(overlay).namespace.metadata.name;
  const here = { namespace, ip: "10.0.0.1" };
  return [
    ...manifest(overlay).workloads.map((workload) => ({
      ...here,
      name: workload.metadata.name,
      labels: workload.spec.template.metadata.labels,
      ports:
        workload.kind === "Deployment"
          ? workload.spec.template.spec.containers.flatMap(({ ports = [] }) =>
              ports.map(({ containerPort }) => containerPort),
            )
          : [],
    })),
    ...manifest(overlay)
      .of("Cluster")
      .map(({ metadata: { name } }) => ({
        ...here,
        name,
        labels: { "cnpg.io/cluster": name },
        ports: [5432, 8000, 9187],
      })),
    { ...here, name: "nats", labels: { "app.kubernetes.io/name": "nats" }, ports: [4222, 6222, 7777, 8222] },
  ];
};

const peer = (overlay: Overlay, name: string): Peer => {
  const found = [...pods(overlay), ...OUTSIDE].find((one) => one.name === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
};

/** Every connection of one of our pods that the policies let through, at every port at which somebody listens. */
const edges = (overlay: Overlay): readonly string[] => {
  const ours = pods(overlay);
  const pairs = [
    ...ours.flatMap((from) => [...ours, ...OUTSIDE].map((to) => [from, to] as const)),
    ...OUTSIDE.flatMap((from) => ours.map((to) => [from, to] as const)),
  ];
  return pairs
    .flatMap(([from, to]) =>
      to.ports
        .filter((port) => mayConnect(policies(overlay), from, to, port))
        .map((port) => `${from.name} → ${to.name}:${port}`),
    )
    .sort();
};
