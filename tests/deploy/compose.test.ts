import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const Service = z.looseObject({
  image: z.string(),
  profiles: z.array(z.string()).optional(),
  restart: z.string(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  healthcheck: z.looseObject({ disable: z.boolean().optional() }).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  networks: z
    .union([
      z.array(z.string()).transform((names) => Object.fromEntries(names.map((name) => [name, { aliases: [] }]))),
      z.record(z.string(), z.object({ aliases: z.array(z.string()).default([]) })),
    ])
    .optional(),
  deploy: z.object({
    resources: z.looseObject({ limits: z.object({ cpus: z.string(), memory: z.string(), pids: z.number() }) }),
  }),
});
const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() })),
});

const composeFile = Compose.parse(parse(read("docker-compose.yml"), { merge: true }));
const services = Object.entries(composeFile.services);
const isTask = ({ restart }: z.output<typeof Service>): boolean => restart.startsWith("on-failure");
const always = services.filter(([, { profiles }]) => profiles === undefined);

describe("docker-compose.yml", () => {
  it.each(
    services,
  )("lets %s write nothing but its volumes, gain no rights, and use so much and no more", (_, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
    expect(service.restart).toMatch(/^(unless-stopped|on-failure:\d)$/);
  });

  it("publishes the router alone, to this machine, unless a profile says more", () => {
    expect(always.filter(([, { ports = [] }]) => ports.length > 0).map(([name]) => name)).toEqual(["router"]);
    for (const [, { ports = [] }] of services)
      for (const port of ports) expect(port).toMatch(/^(127\.0\.0\.1|\$\{ROUTER_ADDRESS:-127\.0\.0\.1\}):/);
  });

  it("asks everything that stays up for its health, and waits for health or for the end of what it needs", () => {
    for (const [name, service] of always) {
      if (isTask(service)) expect(service.healthcheck, name).toEqual({ disable: true });
      else expect(service.healthcheck, name).toBeDefined();
      for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
        const other = composeFile.services[needed];
        expect(other, `${name} needs ${needed}`).toBeDefined();
        const wanted = other && isTask(other) ? "service_completed_successfully" : "service_healthy";
        expect(condition, `${name} needs ${needed}`).toBe(wanted);
      }
    }
  });

  it("mounts volumes that it has, and files that are there", () => {
    for (const [name, { volumes = [] }] of services)
      for (const volume of volumes) {
        const [source = ""] = volume.replace(/^\$\{\w+:-([^}]*)\}/, "$1").split(":");
        if (source.startsWith("./")) expect(existsSync(new URL(source, root)), `${name}: ${source}`).toBe(true);
        else if (!source.startsWith("/")) expect(composeFile.volumes, name).toHaveProperty(source);
      }
  });

  it("tells each service its own secrets only", () => {
    const whose = new Map<string, string[]>();
    for (const [name, { volumes = [] }] of services)
      for (const volume of volumes)
        if (/^secrets\b/.test(volume)) {
          const [source = ""] = volume.split(":");
          whose.set(source, [...(whose.get(source) ?? []), name]);
        }
    for (const [volume, names] of whose) {
      const owner = volume.replace(/^secrets-?/, "");
      const allowed = { "": [], operator: ["streams", "example-shop"] }[owner] ?? [
        owner,
        `${owner}-2`,
        `migrate-${owner}`,
      ];
      expect(["keys", ...allowed], volume).toEqual(expect.arrayContaining(names));
    }
  });

  // Docker answers for a name by the first network that knows it: Prometheus, which is on several, would find one of the two.
  it("lets both replicas be found by the name of their service, in each network in which the first one is", () => {
    for (const [name, { networks = {} }] of services.filter(([name]) => name.endsWith("-2"))) {
      const service = name.slice(0, -2);
      expect(Object.keys(networks).toSorted()).toEqual(
        Object.keys(composeFile.services[service]?.networks ?? {}).toSorted(),
      );
      for (const [network, { aliases }] of Object.entries(networks))
        if (network !== "database") expect(aliases, `${name} in ${network}`).toContain(service);
    }
  });

  it("lets nothing but what clients and people look at speak to the outside", () => {
    const open = Object.entries(composeFile.networks).filter(([, network]) => network.internal !== true);
    expect(open.map(([name]) => name)).toEqual(["public"]);
  });

  it("has every variable in .env.example, which has no other", () => {
    const files = ["docker-compose.yml", "deploy/compose/tls.yml", "deploy/compose/four-databases.yml"].map(read);
    const used = new Set(files.flatMap((text) => [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name)));
    const told = [...read(".env.example").matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(told.toSorted()).toEqual([...used].toSorted());
  });

  it("tells the defaults of variables in .env.example as they are", () => {
    const text = read("docker-compose.yml");
    for (const [, name, value] of read(".env.example").matchAll(/^([A-Z_]+)=(.*)$/gm))
      for (const [, otherwise] of text.matchAll(new RegExp(`\\$\\{${name}:-([^}]*)\\}`, "g")))
        expect(`${name}=${otherwise}`).toBe(`${name}=${value}`);
  });
});
