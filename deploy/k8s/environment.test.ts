import { generateSigningKey } from "@supergraph/service";
import { generateAccessTokenKeys } from "@supergraph/users/server";
import { beforeAll, expect, it } from "vitest";
import { parseTraceExport } from "../../packages/service/src/trace-export-config.ts";
import { readRouterConfig } from "../../router/src/config/read.ts";
import { parseSandboxProviderConfig } from "../../sandbox-provider/src/config.ts";
import { parseOrdersConfig } from "../../subgraphs/orders/src/config.ts";
import { parsePaymentsConfig } from "../../subgraphs/payments/src/config.ts";
import { parseProductsConfig } from "../../subgraphs/products/src/config.ts";
import { parseUsersConfig } from "../../subgraphs/users/src/config.ts";
import { describe } from "./testing/describe.ts";
import {
  type ConfigMap,
  type Manifest,
  OVERLAYS,
  type Overlay,
  overlays,
  portNamed,
  SERVICES,
  secretsUsed,
  source,
  type Workload,
} from "./testing/manifest.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How each process reads its environment. */
const READERS: Readonly<Record<string, (env: Environment) => unknown>> = {
  users: parseUsersConfig,
  products: parseProductsConfig,
  orders: parseOrdersConfig,
  payments: parsePaymentsConfig,
  router: (env) => readRouterConfig({}, env),
  "sandbox-provider": parseSandboxProviderConfig,
};

/** Read by Node.js itself. */
const OF_NODE = ["NODE_OPTIONS", "NODE_ENV"];

let manifest: (overlay: Overlay) => Manifest;
let secrets: Readonly<Record<string, string>>;

beforeAll(async () => {
  manifest = await overlays();
  const router = await generateSigningKey();
  secrets = {
    uri: "postgresql://app:secret@db-rw:5432/app",
    url: "nats://service:secret@nats:4222",
    ROUTER_SIGNING_KEY: JSON.stringify(router.privateJwk),
    ROUTER_PUBLIC_KEYS: JSON.stringify(router.publicJwks),
    ACCESS_TOKEN_KEYS: JSON.stringify(await generateAccessTokenKeys()),
    PSP_API_KEY: "sk_sandbox_2f1c7c0de5b14a",
    PSP_WEBHOOK_SECRET: "whsec_9a8d3c5e7f1b2046",
  };
}, 120_000);

describe.each(OVERLAYS)("the overlay %s", (overlay) => {
  it("gives every process an environment that it starts with, on the port that its pod declares", async () => {
    for (const deployment of manifest(overlay).deployments) {
      const { metadata, spec } = deployment;
      const service = spec.template.metadata.labels["app.kubernetes.io/name"] ?? "";
      const env = environmentOf(overlay, deployment);
      const config = await READERS[service]?.(env);
      const { host, port } = ((config as { server?: unknown }).server ?? config) as { host: string; port: number };
      expect(host, metadata.name).toBe("0.0.0.0");
      expect(port, metadata.name).toBe(portNamed(spec.template.spec.containers[0], "http"));
      if (service === "router")
        expect((config as { metrics: unknown }).metrics).toEqual({
          host: "0.0.0.0",
          port: portNamed(spec.template.spec.containers[0], "metrics"),
        });
      expect(() => parseTraceExport(env, service), metadata.name).not.toThrow();
    }
  });

  it("sets no variable that the process does not read", async () => {
    for (const deployment of manifest(overlay).deployments) {
      const service = deployment.spec.template.metadata.labels["app.kubernetes.io/name"] ?? "";
      const env = environmentOf(overlay, deployment);
      const read = new Set(OF_NODE);
      const watched = new Proxy(env, {
        get(target, name) {
          if (typeof name === "string") read.add(name);
          return Reflect.get(target, name);
        },
      });
      await READERS[service]?.(watched);
      // The sandbox provider sends no traces.
      if (service !== "sandbox-provider") parseTraceExport(watched, service);
      expect(
        Object.keys(env).filter((name) => !read.has(name)),
        deployment.metadata.name,
      ).toEqual([]);
    }
  });

  it("tells the router where each subgraph is, how it signs, and whose tokens it takes", async () => {
    for (const deployment of manifest(overlay).deployments) {
      if (!deployment.metadata.name.startsWith("router")) continue;
      const { signing, authentication, subgraphs } = await readRouterConfig({}, environmentOf(overlay, deployment));
      expect(signing?.key).toBeDefined();
      expect(authentication?.jwksUrl).toBe("http://users:4001/.well-known/jwks.json");
      const urls = Object.entries(subgraphs.overrides).map(([name, { url }]) => [name.toLowerCase(), url]);
      expect(Object.fromEntries(urls)).toEqual(
        Object.fromEntries(SERVICES.map((name, index) => [name, `http://${name}:${4001 + index}/graphql`])),
      );
    }
  });

  it("tells all subgraphs the same of the broker", () => {
    const told = SERVICES.map((service) => {
      const deployment = manifest(overlay).deployments.find(({ metadata }) => metadata.name === service);
      const env = deployment ? environmentOf(overlay, deployment) : {};
      return Object.entries(env).filter(([name]) => name.startsWith("NATS_") && name !== "NATS_URL");
    });
    expect(told[0]?.length).toBeGreaterThan(0);
    for (const other of told) expect(other).toEqual(told[0]);
  });

  it("has every Secret that it uses told in docs/kubernetes.md, key by key", async () => {
    const documented = await source("docs/kubernetes.md");
    for (const { secret, key } of secretsUsed(manifest(overlay)))
      expect(documented).toContain(`| \`${secret}\` | \`${key}\` |`);
  });
});

/** As Kubernetes puts it together, with a value of the right kind for each that is in a Secret. */
const environmentOf = (overlay: Overlay, { spec }: Workload): Record<string, string> => {
  const [container] = spec.template.spec.containers;
  const maps = manifest(overlay).of<ConfigMap>("ConfigMap");
  const env: Record<string, string> = {};
  for (const { configMapRef } of container?.envFrom ?? []) {
    const map = maps.find(({ metadata }) => metadata.name === configMapRef.name);
    if (!map) throw new Error(`There is no ConfigMap ${configMapRef.name}.`);
    Object.assign(env, map.data);
  }
  for (const { name, value, valueFrom } of container?.env ?? [])
    env[name] = value ?? secrets[valueFrom?.secretKeyRef?.key ?? ""] ?? "";
  return env;
};
