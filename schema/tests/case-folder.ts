import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { type JudgedFinding, readApprovals } from "../src/approvals/approvals.ts";
import { type CheckInput, check } from "../src/check/check.ts";
import { CheckSettings } from "../src/check/config.ts";
import type { Report } from "../src/check/report.ts";
import type { SubgraphSource } from "../src/composition/compose.ts";
import { CATALOGUE } from "../src/findings/catalogue.ts";
import { type Location, SEVERITIES } from "../src/findings/finding.ts";
import { diskTree, type FileTree } from "../src/revisions/file-tree.ts";
import { readOperations } from "../src/revisions/operations.ts";
import type { Revision } from "../src/revisions/revision.ts";
import { readCommitted } from "../src/workspace.ts";

const fragments = () => z.array(z.string().min(1)).default([]);

const Expected = z.strictObject({
  code: z.string(),
  severity: z.enum(SEVERITIES),
  coordinate: z.string().nullable().default(null),
  subgraphs: z.array(z.string()).default([]),
  /** `path:line:column`, with ` (base)` behind a place of the base. */
  at: z.array(z.string()).default([]),
  approved: z.boolean().default(false),
  /** Parts of the message, the details, the remedy. */
  message: z.string().optional(),
  details: fragments(),
  remedy: z.string().optional(),
});

const CaseFile = z.strictObject({
  what: z.string().min(1),
  verdict: z.enum(["pass", "blocked", "broken"]),
  /** Of `check.config.ts`. */
  config: z.record(z.string(), z.unknown()).default({}),
  /** Lint is off unless a case is about it: most would have to be long to satisfy it. */
  lint: z.boolean().default(false),
  now: z.iso.datetime().default("2026-06-01T12:00:00Z"),
  /** Subgraphs that the base has and the head has not. */
  removed: z.array(z.string()).default([]),
  /** Where a subgraph is to be reached in the head; otherwise as in the base. */
  urls: z.record(z.string(), z.string()).default({}),
  expect: z.array(Expected),
});

export type Expected = z.output<typeof Expected>;
export type CaseFile = z.output<typeof CaseFile>;

export const readCaseFile = async (folder: string): Promise<CaseFile> =>
  CaseFile.parse(parse(await readFile(join(folder, "case.yaml"), "utf8")));

/** Checks what the folder proposes as the command would, from its files. */
export const checkCase = async (folder: string, file: CaseFile): Promise<Report> => {
  const tree = diskTree(folder);
  const config = configOf(file);
  const before = await readSubgraphs(tree, "before");
  const after = await readSubgraphs(tree, "after");
  const kept = before.filter(({ name }) => !file.removed.includes(name) && !after.some((one) => one.name === name));
  const subgraphs = [...kept, ...after].map((one) => ({ ...one, url: file.urls[one.name] ?? one.url }));
  const head = await readRevision(tree, "", "working tree", subgraphs);
  const base = before.length === 0 ? null : await readRevision(tree, "-before", "git:main", before);
  const [approvals = null] = await tree.read(["approvals.yaml"]);
  const input: CheckInput = {
    head,
    base,
    config,
    approvals: readApprovals(approvals, "approvals.yaml"),
    committed: await readCommitted({
      root: folder,
      isGit: false,
      configPath: "supergraph.yaml",
      folder: "",
      config,
      tree,
    }),
    cache: null,
    now: new Date(file.now),
  };
  return check(input);
};

/** A finding as `case.yaml` writes it, without what it may leave out. */
export const shortOf = ({ code, severity, coordinate, subgraphs, locations, approval }: JudgedFinding) => ({
  code: code as string,
  severity,
  coordinate,
  subgraphs: [...subgraphs],
  at: locations.map(placeOf),
  approved: approval !== null,
});

const placeOf = ({ path, line, column, side }: Location): string =>
  `${path}:${line}:${column}${side === "base" ? " (base)" : ""}`;

const configOf = ({ config, lint }: CaseFile) => {
  const settings = CheckSettings.parse(config);
  if (lint) return settings;
  const off = Object.entries(CATALOGUE).flatMap(([code, { stage }]) => (stage === "lint" ? [[code, "off"]] : []));
  return { ...settings, severities: { ...Object.fromEntries(off), ...settings.severities } };
};

/** A subgraph is called as its file; the file may be in a folder of its own. */
const readSubgraphs = async (tree: FileTree, folder: string): Promise<SubgraphSource[]> => {
  const paths = await tree.list(folder);
  const texts = await tree.read(paths);
  return paths.map((path, index) => {
    const name = posix.basename(path, ".graphql");
    return { name, url: `http://127.0.0.1:4000/${name}`, path: posix.relative(folder, path), sdl: texts[index] ?? "" };
  });
};

/** Operations and events are those of the head where nothing else is told of the base. */
const readRevision = async (
  tree: FileTree,
  suffix: string,
  name: string,
  subgraphs: readonly SubgraphSource[],
): Promise<Revision> => {
  const own = (await tree.list(`operations${suffix}`)).length > 0;
  const [ownEvents = null, sharedEvents = null] = await tree.read([`events${suffix}.json`, "events.json"]);
  const events = ownEvents ?? sharedEvents;
  return {
    name,
    subgraphs,
    operations: await readOperations(own ? renamed(tree, `operations${suffix}`, "operations") : tree, "operations"),
    events: events === null ? null : { path: "events.json", text: events },
  };
};

/** The base has its operations under the same paths. */
const renamed = (tree: FileTree, from: string, to: string): FileTree => ({
  name: tree.name,
  read: (paths) => tree.read(paths.map((path) => path.replace(to, from))),
  list: async (folder) => (await tree.list(folder.replace(to, from))).map((path) => path.replace(from, to)),
});
