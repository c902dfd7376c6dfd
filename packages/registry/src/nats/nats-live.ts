import { NatsConnectError } from "@supergraph/messaging";
import { openConnection } from "@supergraph/messaging/nats-connection";
import type { KV, NatsConnection } from "nats";
import { RegistryError } from "../errors.ts";
import type { Live, LiveOptions } from "../live.ts";
import {
  assertEnvironment,
  assertRouter,
  type Pointer,
  parsePointer,
  parseRouterReport,
  type RouterReport,
} from "../pointer.ts";
import { openBuckets } from "./buckets.ts";
import { createNatsArtifacts, isOvertaken } from "./nats-artifacts.ts";
import { watchKey } from "./watched-key.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 3_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** In JetStream's key-value store. Once open it connects again by itself; meanwhile what is asked of it rejects. */
export const openNatsLive = async (options: LiveOptions): Promise<Live> => {
  const { connection, place } = await open(options);
  try {
    const buckets = await openBuckets(connection, {
      namespace: options.namespace,
      replicas: options.replicas,
      makes: options.role === "publisher",
      timeoutMs: ANSWER_TIMEOUT_MS,
    });
    return createNatsLive(connection, buckets, place);
  } catch (error) {
    await connection.close();
    throw unreachable(place, error);
  }
};

const createNatsLive = (
  connection: NatsConnection,
  { registry, routers }: { readonly registry: KV; readonly routers: KV },
  place: string,
): Live => {
  const artifacts = createNatsArtifacts(registry, { maxPayload: connection.info?.max_payload ?? 1_048_576, place });
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw unreachable(place, error);
    }
  };
  const entryOf = async (environment: string): Promise<{ pointer: Pointer; revision: number } | null> => {
    assertEnvironment(environment);
    const entry = await registry.get(`pointer.${environment}`);
    if (entry?.operation !== "PUT") return null;
    return { pointer: parsePointer(entry.string(), `pointer.${environment}`), revision: entry.revision };
  };

  return {
    place,
    pointer: (environment) => asked(async () => (await entryOf(environment))?.pointer ?? null),
    move: (next, expected) =>
      asked(async () => {
        const current = await entryOf(next.environment);
        if ((current?.pointer.version ?? null) !== expected) return "lost";
        const key = `pointer.${next.environment}`;
        const value = JSON.stringify(next);
        try {
          // The broker itself compares: between reading and writing another may have moved it.
          if (current) await registry.update(key, value, current.revision);
          else await registry.create(key, value);
          return "moved";
        } catch (error) {
          if (isOvertaken(error)) return "lost";
          throw error;
        }
      }),
    keepArtifact: (hash, bytes) => asked(() => artifacts.keep(hash, bytes)),
    artifact: (hash) => asked(() => artifacts.read(hash)),
    dropUnused: (before) =>
      asked(async () => {
        const environments: string[] = [];
        for await (const key of await registry.keys("pointer.*")) environments.push(key.slice("pointer.".length));
        const pointers = await Promise.all(environments.map(entryOf));
        return artifacts.dropUnused(new Set(pointers.flatMap((entry) => entry?.pointer.artifact ?? [])), before);
      }),
    watch(environment, hear) {
      assertEnvironment(environment);
      const key = `pointer.${environment}`;
      return watchKey(registry, key, (entry) => {
        const pointer = readable(() => parsePointer(entry.string(), key));
        if (entry.operation === "PUT" && pointer) hear(pointer);
      });
    },
    report: (environment, report) =>
      asked(async () => {
        assertRouter(report.router);
        await routers.put(`router.${environment}.${report.router}`, JSON.stringify(report));
      }),
    leave: (environment, router) => asked(() => routers.delete(`router.${environment}.${router}`)),
    async watchReports(environment, hear) {
      assertEnvironment(environment);
      const reports = new Map<string, RouterReport>();
      let isKnown = false;
      const stop = { now: () => {} };
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          stop.now();
          reject(unreachable(place, new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)));
        }, ANSWER_TIMEOUT_MS);
        const hearEntry = (entry: { key: string; operation: string; string(): string }): void => {
          const report = entry.operation === "PUT" ? parseRouterReport(entry.string(), entry.key) : null;
          if (report) reports.set(entry.key, report);
          else reports.delete(entry.key);
          if (isKnown) hear([...reports.values()]);
        };
        stop.now = watchKey(routers, `router.${environment}.*`, hearEntry, () => {
          clearTimeout(timer);
          isKnown = true;
          hear([...reports.values()]);
          resolve();
        });
      });
      return () => stop.now();
    },
    async close() {
      // What was said last is sent; a broker that is gone is not waited for.
      await Promise.race([connection.drain().catch(() => undefined), closedAfter(CLOSE_TIMEOUT_MS)]);
      await connection.close();
    },
  };
};

const open = async (options: LiveOptions): Promise<Awaited<ReturnType<typeof openConnection>>> => {
  const { url, name, log, credentialsFile, tls, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  try {
    return await openConnection({ servers: url, log, credentialsFile, tls, connectTimeoutMs }, name);
  } catch (error) {
    if (!(error instanceof NatsConnectError)) throw error;
    throw new RegistryError("REGISTRY_UNREACHABLE", error.message, error);
  }
};

const unreachable = (place: string, error: unknown): unknown => {
  if (error instanceof RegistryError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new RegistryError("REGISTRY_UNREACHABLE", `The registry at ${place} does not answer: ${reason}.`, error);
};

/** Somebody else's entry must not end the watch of all. */
const readable = <T>(read: () => T): T | null => {
  try {
    return read();
  } catch (error) {
    if (error instanceof RegistryError) return null;
    throw error;
  }
};

const closedAfter = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
