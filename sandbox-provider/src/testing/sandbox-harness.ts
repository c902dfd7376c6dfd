import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HttpServer, silentLogger, startHttpServer } from "@supergraph/service";
import { afterEach, beforeEach } from "vitest";
import type { SandboxProviderConfig } from "../config.ts";
import { type SandboxProvider, startSandboxProvider } from "../server.ts";

export const API_KEY = "sk_test_0123456789abcdef";
export const SECRET = "whsec_0123456789abcdef";

/** Everything that an answer may hold. */
export interface View {
  id: string;
  status: string;
  declineCode: string | null;
  nextActionUrl: string | null;
  authorizedMinor: number;
  capturedMinor: number;
  refundedMinor: number;
  error: { code: string; message: string };
  data: View[];
}

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly payment: View;
  readonly signature: string;
  readonly raw: string;
}

interface State {
  directory: string;
  provider: SandboxProvider;
  receiver: HttpServer;
  /** Webhooks, in the order of their arrival. */
  received: Received[];
  /** What the receiver of webhooks answers, first to last; 200 from then on. */
  answers: number[];
}

/** A provider for each test, on a directory of its own, with a receiver of webhooks. */
export const useSandbox = () => {
  const log = silentLogger();
  const state = { received: [], answers: [] } as unknown as State;
  let keys = 0;

  const start = async (changes: Partial<SandboxProviderConfig> = {}): Promise<void> => {
    state.provider = await startSandboxProvider(
      {
        host: "127.0.0.1",
        port: 0,
        apiKey: API_KEY,
        webhookSecret: SECRET,
        webhookUrl: `${state.receiver.url}/hook`,
        directory: state.directory,
        publicUrl: null,
        logLevel: "silent",
        slowAnswerMs: 50,
        lateWebhookMs: 50,
        webhookRetry: { firstMs: 5, maxMs: 20 },
        ...changes,
      },
      { log },
    );
  };

  beforeEach(async () => {
    state.directory = await mkdtemp(join(tmpdir(), "sandbox-provider-"));
    state.received = [];
    state.answers = [];
    state.receiver = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      maxBodyBytes: 100_000,
      log,
      routes: [
        {
          method: "POST",
          path: "/hook",
          async handle({ body, headers }) {
            const raw = body.toString();
            const event = JSON.parse(raw) as Omit<Received, "raw" | "signature">;
            state.received.push({ ...event, raw, signature: String(headers["webhook-signature"]) });
            return { status: state.answers.shift() ?? 200 };
          },
        },
      ],
    });
    await start();
  });

  afterEach(async () => {
    await state.provider.stop();
    await state.receiver.stop();
    await rm(state.directory, { recursive: true, force: true });
  });

  const post = async (
    path: string,
    body: unknown,
    {
      key = `key_${++keys}`,
      apiKey = API_KEY,
      signal = null,
    }: { key?: string; apiKey?: string; signal?: AbortSignal | null } = {},
  ) => {
    const response = await fetch(`${state.provider.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, ...(key ? { "idempotency-key": key } : {}) },
      body: typeof body === "string" ? body : JSON.stringify(body),
      signal,
    });
    return { status: response.status, body: (await response.json()) as View };
  };

  const get = async (path: string) => {
    const response = await fetch(`${state.provider.url}${path}`, { headers: { authorization: `Bearer ${API_KEY}` } });
    return { status: response.status, body: (await response.json()) as View };
  };

  return {
    state,
    start,
    restart: async (changes: Partial<SandboxProviderConfig> = {}) => {
      await state.provider.stop();
      await start(changes);
    },
    post,
    get,
    authorize: async (token = "tok_approve") => (await post("/v1/payments", aRequest(token))).body,
    types: () => state.received.map(({ type }) => type),
  };
};

let references = 0;

/** A request for a payment of 19.99 EUR, for an order of its own. */
export const aRequest = (token: string, changes: Record<string, unknown> = {}) => ({
  reference: `ord_${++references}`,
  amountMinor: 1999,
  currency: "EUR",
  token,
  ...changes,
});
