import { type HandedSpan, type RequestSigner, ROUTER_SIGNATURE_HEADER } from "@supergraph/service";
import type { Dispatcher } from "undici";
import type { CallContext, SubgraphFetch } from "./call.ts";
import { CORRELATION_HEADER, type PropagateHeaders, TIMEOUT_HEADER } from "./headers.ts";

export interface RequestParts {
  readonly path: string;
  readonly accept: string;
  readonly fetch: SubgraphFetch;
  readonly context: CallContext;
  /** Of this very request. */
  readonly span: HandedSpan;
  /** What the subgraph may take; null for a stream, which may last. */
  readonly timeoutMs: number | null;
}

/** One request to a replica, with a signature of its own: each is good for one request. */
export type BuildRequest = (parts: RequestParts) => Promise<Dispatcher.RequestOptions>;

/** @param options `signer` is null where requests are not signed. */
export const createBuildRequest = (options: {
  readonly name: string;
  readonly signer: RequestSigner | null;
  readonly propagate: PropagateHeaders;
}): BuildRequest => {
  const { name, signer, propagate } = options;
  return async ({ path, accept, fetch: { body }, context, span, timeoutMs }) => {
    const { viewer, correlationId, clientHeaders } = context;
    // Names and values in turn, as undici takes them with the least work.
    const headers = ["content-type", "application/json", "accept", accept, CORRELATION_HEADER, correlationId];
    const { traceparent, tracestate } = span.headers;
    if (traceparent) headers.push("traceparent", traceparent);
    if (tracestate) headers.push("tracestate", tracestate);
    if (timeoutMs !== null) headers.push(TIMEOUT_HEADER, String(Math.max(1, Math.floor(timeoutMs))));
    const propagated = propagate(clientHeaders);
    for (const key in propagated) headers.push(key, propagated[key] ?? "");
    if (signer) {
      const signature = await signer.sign({ subgraph: name, body, caller: { viewer, correlationId } });
      headers.push(ROUTER_SIGNATURE_HEADER, signature);
    }
    return { method: "POST", path, headers, body };
  };
};
