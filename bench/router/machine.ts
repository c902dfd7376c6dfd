import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import type { Cores } from "./child.ts";
import { GATEWAYS } from "./gateways.ts";

/** What somebody needs to know to place the figures, and to have them again. */
export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly kernel: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly pinned: string;
  readonly packages: Readonly<Record<string, string>>;
}

export const describeMachine = (cores: Cores | string): Machine => ({
  date: new Date().toISOString(),
  node: process.version,
  kernel: `${process.platform} ${release()}`,
  cpu: cpus()[0]?.model ?? "unknown",
  // Not what this process may use, which is held to some of them.
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  pinned:
    typeof cores === "string"
      ? cores
      : `gateway on core ${cores.gateway}, load and subgraphs on ${cores.others} (taskset)`,
  packages: Object.fromEntries(
    [...new Set([...GATEWAYS.flatMap(({ packages }) => packages), "graphql"])].map((name) => [name, versionOf(name)]),
  ),
});

const versionOf = (name: string): string => {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
};
