import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, testNatsUrl, WITHOUT_NATS } from "@supergraph/testing";
import { type Live, openLive } from "../live.ts";
import { openRecords, type Records } from "../records.ts";

/** A place that several processes could open. */
export interface Place<T> {
  open(): Promise<T>;
  remove(): Promise<void>;
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const directory = async (): Promise<{ path: string; remove(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), "supergraph-registry-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

export const RECORDS: Readonly<Record<string, () => Promise<Place<Records>>>> = {
  "in files": async () => {
    const { path, remove } = await directory();
    return { open: () => openRecords(`file:${path}`), remove };
  },
  "in Postgres": async () => {
    const database = await createTestDatabase({ migrate: async () => undefined });
    return { open: () => openRecords(database.url), remove: () => database.drop() };
  },
};

type LivePlace = Place<Live> & { openAsRouter(): Promise<Live> };

export const withoutNats = (): string => (testNatsUrl() === null ? ` (${WITHOUT_NATS})` : "");

export const aNamespace = (): string => `test_${randomBytes(6).toString("hex")}`;

export const LIVE: Readonly<Record<string, () => Promise<LivePlace>>> = {
  "in files": async () => {
    const { path, remove } = await directory();
    const open = () => openLive({ url: `file:${path}`, name: "test", role: "publisher", log: silent });
    return { open, openAsRouter: open, remove };
  },
  "in NATS": async () => {
    const options = { url: testNatsUrl() ?? "", name: "test", log: silent, namespace: aNamespace() } as const;
    return {
      open: () => openLive({ ...options, role: "publisher" }),
      openAsRouter: () => openLive({ ...options, role: "router" }),
      remove: async () => undefined,
    };
  },
};
