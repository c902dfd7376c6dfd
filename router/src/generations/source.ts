import { readFile, stat } from "node:fs/promises";
import type { Logger } from "@supergraph/service";
import { request } from "undici";
import type { CompleteRouterConfig } from "../config/settings.ts";
import { registrySource } from "./registry-source.ts";

/** Where supergraphs come from. */
export interface SupergraphSource {
  /** For logs: a path or an address. */
  readonly name: string;
  /** Null where nothing ever changes. */
  readonly intervalMs: number | null;
  /**
   * Null while it is what was read last; asked again after {@link forget}, it is read in any case.
   * @throws Error when it cannot be had.
   */
  read(): Promise<string | null>;
  forget(): void;
  /** Calls `changed` whenever it is worth reading at once; absent where nothing tells. */
  readonly listen?: (changed: () => void) => void;
  /** Hears what became of what was read last: null for that it serves, else why it cannot. Never rejects. */
  readonly answer?: (refusal: string | null) => Promise<void>;
  readonly close?: () => Promise<void>;
}

export const createSource = (config: CompleteRouterConfig["supergraph"], log: Logger): SupergraphSource => {
  if (config.registry !== undefined) return registrySource(config.registry, log);
  if (config.url !== undefined) return urlSource(config.url, config);
  if (config.path !== undefined) return fileSource(config.path);
  return textSource(config.sdl ?? "");
};

const textSource = (sdl: string): SupergraphSource => ({
  name: "configuration",
  intervalMs: null,
  read: async () => sdl,
  forget: () => undefined,
});

/** As often as a file's inode, size and time of change are compared: watches miss what is put in place of a link. */
const FILE_INTERVAL_MS = 1_000;

const fileSource = (path: string): SupergraphSource => {
  let last: string | undefined;
  return {
    name: path,
    intervalMs: FILE_INTERVAL_MS,
    async read() {
      const { ino, size, mtimeMs, ctimeMs } = await stat(path);
      const state = [ino, size, mtimeMs, ctimeMs].join(" ");
      if (state === last) return null;
      const sdl = await readFile(path, "utf8");
      last = state;
      return sdl;
    },
    forget() {
      last = undefined;
    },
  };
};

const URL_TIMEOUT_MS = 10_000;
/** A supergraph of 300 subgraphs has 3 MB. */
const MAX_SDL_BYTES = 64_000_000;

const urlSource = (
  url: string,
  { headers, pollIntervalMs }: Pick<CompleteRouterConfig["supergraph"], "headers" | "pollIntervalMs">,
): SupergraphSource => {
  let etag: string | undefined;
  // Said in logs: neither credentials nor tokens of the query.
  const { origin, pathname } = new URL(url);
  return {
    name: `${origin}${pathname}`,
    intervalMs: pollIntervalMs,
    async read() {
      const {
        statusCode,
        headers: answered,
        body,
      } = await request(url, {
        headers: {
          ...headers,
          accept: "application/graphql, text/plain, */*",
          ...(etag ? { "if-none-match": etag } : {}),
        },
        signal: AbortSignal.timeout(URL_TIMEOUT_MS),
      });
      if (statusCode === 304) {
        await body.dump();
        return null;
      }
      if (statusCode !== 200) {
        await body.dump();
        throw new Error(`The source of the supergraph answered with status ${statusCode}: expected 200 or 304.`);
      }
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        size += chunk.length;
        if (size > MAX_SDL_BYTES) throw new Error(`The supergraph is larger than ${MAX_SDL_BYTES} bytes.`);
        chunks.push(chunk);
      }
      etag = typeof answered.etag === "string" ? answered.etag : undefined;
      return Buffer.concat(chunks, size).toString("utf8");
    },
    forget() {
      etag = undefined;
    },
  };
};
