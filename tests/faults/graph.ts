import { Pool } from "undici";
import { z } from "zod";

/** What came of one request to the router, as a client has to act on it. */
export type GraphAnswer =
  | { readonly kind: "data"; readonly data: unknown }
  /** Nobody knows whether it took effect: a good client tries the same again. `afterMs` where the server said so. */
  | { readonly kind: "retry"; readonly why: string; readonly afterMs: number | null }
  | { readonly kind: "unauthenticated" }
  /** Not meant to happen, whatever is broken. */
  | { readonly kind: "failed"; readonly evidence: string };

export interface Graph {
  /** Asks once. Never rejects. */
  ask(body: string, token: string | null): Promise<GraphAnswer>;
  close(): Promise<void>;
}

const CONNECTIONS = 512;
/** Longer than the router waits for a subgraph. */
const ANSWER_WITHIN_MS = 20_000;

const Errors = z.array(
  z.looseObject({
    message: z.string(),
    path: z.array(z.union([z.string(), z.int()])).optional(),
    extensions: z.looseObject({ code: z.string().optional(), retryAfterMs: z.number().optional() }).optional(),
  }),
);
const Response = z.looseObject({ data: z.unknown(), errors: Errors.optional() });

/** Top-level codes that stand for "not now". */
const RETRYABLE: ReadonlySet<string> = new Set([
  "OVERLOADED",
  "SUBGRAPH_TIMEOUT",
  "SUBGRAPH_UNAVAILABLE",
  "SUBGRAPH_CIRCUIT_OPEN",
  "SUBGRAPH_INVALID_RESPONSE",
  "OUTCOME_UNKNOWN",
]);
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** `variables` in a request that is ready to be sent. */
export const requestBody = (query: string, variables: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ query, variables });

/** A client of the router at `endpoint` that costs little: connections that are kept, no parsing of documents. */
export const openGraph = (endpoint: string): Graph => {
  const { origin, pathname } = new URL(endpoint);
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
    connectTimeout: 5_000,
  });
  return {
    async ask(body, token) {
      try {
        const response = await pool.request({
          path: pathname,
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/json",
            ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          },
          body,
        });
        return readAnswer(response.statusCode, await response.body.text());
      } catch (error) {
        return { kind: "retry", why: `network: ${codeOf(error)}`, afterMs: null };
      }
    },
    close: () => pool.destroy(),
  };
};

const readAnswer = (status: number, text: string): GraphAnswer => {
  const body = parse(text);
  // What stands between client and router may answer without GraphQL.
  if (!body && RETRYABLE_STATUS.has(status)) return { kind: "retry", why: `HTTP ${status}`, afterMs: null };
  if (!body) return { kind: "failed", evidence: `HTTP ${status}: ${text.slice(0, 300)}` };
  const { data, errors = [] } = body;
  for (const { extensions } of errors) {
    if (extensions?.code === "UNAUTHENTICATED") return { kind: "unauthenticated" };
  }
  const unexpected = errors.find(({ extensions }) => !RETRYABLE.has(extensions?.code ?? ""));
  if (unexpected) return { kind: "failed", evidence: `HTTP ${status}: ${JSON.stringify(unexpected).slice(0, 400)}` };
  const [first] = errors;
  if (first)
    return {
      kind: "retry",
      why: first.extensions?.code ?? "",
      afterMs: first.extensions?.retryAfterMs ?? null,
    };
  if (status !== 200) return { kind: "failed", evidence: `HTTP ${status}: ${text.slice(0, 300)}` };
  return { kind: "data", data };
};

const parse = (text: string): z.output<typeof Response> | null => {
  try {
    return Response.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
};
