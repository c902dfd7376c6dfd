import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import {
  decodeArtifact,
  type Live,
  openLive,
  type Pointer,
  RegistryError,
  type RouterReport,
} from "@supergraph/registry/live";
import { type Logger, settledWithin } from "@supergraph/service";
import type { CompleteRouterConfig } from "../config/settings.ts";
import type { SupergraphSource } from "./source.ts";

type RegistrySettings = NonNullable<CompleteRouterConfig["supergraph"]["registry"]>;

/** Beside being told at once: for what was missed while there was no connection, and to connect where there was none yet. */
const INTERVAL_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Well below the time after which publishers no longer wait for a router that is silent. */
const SIGN_OF_LIFE_MS = 10_000;
const CLOSE_TIMEOUT_MS = 1_000;
/** Of a reason: what composition libraries say can be a whole schema. */
const MAX_REASON_LENGTH = 1_000;

/**
 * What is live in a registry's environment. Tells publishers of each version whether it is served here. Connects when it is first read,
 * and again by itself.
 */
export const registrySource = (settings: RegistrySettings, log: Logger): SupergraphSource => {
  const { environment } = settings;
  const router = nameOfThis();
  let opening: Promise<Live> | null = null;
  let isClosed = false;
  let changed = (): void => undefined;
  let last: Pointer | null = null;

  const open = async (): Promise<Live> => {
    // All alike: an operator gives them rights by it.
    const live = await openLive({ ...connectionOf(settings), name: "router", log });
    if (isClosed) await live.close();
    else
      live.watch(environment, (pointer) => {
        if (!isSame(pointer, last)) changed();
      });
    return live;
  };
  const opened = (): Promise<Live> => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };

  const reports = createReports(environment, () => opening, log);
  const reportOn = ({ version }: Pointer, refusal: string | null): Promise<void> =>
    reports.say({
      router,
      version,
      outcome: refusal === null ? "serving" : "refused",
      reason: refusal?.slice(0, MAX_REASON_LENGTH) ?? null,
    });

  return {
    name: `${placeOf(settings)} (${environment})`,
    intervalMs: INTERVAL_MS,
    async read() {
      const live = await opened();
      const pointer = await live.pointer(environment);
      if (pointer === null) throw new Error(`Nothing was published to ${environment}.`);
      if (isSame(pointer, last)) return null;
      try {
        const { supergraphSdl } = await decodeArtifact(pointer.artifact, await live.artifact(pointer.artifact));
        last = pointer;
        return supergraphSdl;
      } catch (error) {
        // It is there, and is not what was published: that no other try mends.
        if (error instanceof RegistryError && error.code.startsWith("ARTIFACT_"))
          await reportOn(pointer, error.message);
        throw error;
      }
    },
    forget() {
      last = null;
    },
    listen(its) {
      changed = its;
    },
    async answer(refusal) {
      if (last) await reportOn(last, refusal);
    },
    async close() {
      isClosed = true;
      const said = reports.stop();
      const live = await opening?.catch(() => null);
      if (!live) return;
      // A refusal stays for a while: of a router that ends because of it, nobody else would tell.
      if (said?.outcome === "serving") {
        const left = live.leave(environment, router).catch(() => undefined);
        await settledWithin(left, CLOSE_TIMEOUT_MS);
      }
      await live.close();
    },
  };
};

/** Says the same again and again: a router that falls silent is not waited for. */
const createReports = (environment: string, live: () => Promise<Live> | null, log: Logger) => {
  let said: Omit<RouterReport, "at"> | null = null;
  let timer: NodeJS.Timeout | undefined;
  const say = async (): Promise<void> => {
    if (said === null) return;
    try {
      await (await live())?.report(environment, { ...said, at: new Date().toISOString() });
    } catch (error) {
      log.debug({ err: error, environment }, "what serves cannot be told to the registry now");
    }
  };
  return {
    say(report: Omit<RouterReport, "at">): Promise<void> {
      said = report;
      timer ??= setInterval(() => void say(), SIGN_OF_LIFE_MS).unref();
      return say();
    },
    /** Answers what was said last. */
    stop(): Omit<RouterReport, "at"> | null {
      clearInterval(timer);
      const last = said;
      said = null;
      return last;
    },
  };
};

const isSame = (one: Pointer, other: Pointer | null): boolean =>
  one.version === other?.version && one.artifact === other.artifact;

/** Tells routers apart, and people which one it is. */
const nameOfThis = (): string => {
  const host = hostname().replace(/[^a-z0-9]+/gi, "-");
  return `${host}-${process.pid}-${randomBytes(3).toString("hex")}`.replace(/^-/, "");
};

const connectionOf = ({ url, namespace, credentialsFile, caFile, certFile, keyFile }: RegistrySettings) => ({
  url,
  role: "router" as const,
  namespace,
  credentialsFile,
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
  ...(caFile || certFile
    ? { tls: { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) } }
    : {}),
});

/** Without credentials: said in logs. */
const placeOf = ({ url }: RegistrySettings): string => url.replace(/\/\/[^@/,]*@/g, "//").replace(/,[^@/,]*@/g, ",");
