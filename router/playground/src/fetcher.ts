import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import type { ExecutionResult } from "graphql";
import type { Activity } from "./activity.ts";
import { isObject } from "./config.ts";
import { observable } from "./observable.ts";
import { operationMeant } from "./operation-text.ts";
import { postOperation } from "./post-operation.ts";
import type { Session } from "./session.ts";
import type { Store } from "./store.ts";
import { streamOperation } from "./stream-operation.ts";

export interface Transport {
  readonly endpoint: string;
  readonly session: Session;
  readonly activity: Store<Activity>;
}

/** One operation on its way: what to send, and with which token of the session, if any. */
export interface Operation {
  readonly params: FetcherParams;
  readonly headers: Readonly<Record<string, string>>;
  /** The session's token when that is what the headers carry; null for a guest or when the user wrote their own. */
  readonly token: string | null;
}

/**
 * Sends GraphiQL's operations: queries and mutations as JSON, subscriptions as server-sent events. Both can be stopped.
 * An `Authorization` header that the user wrote wins over the session's.
 */
export const createFetcher =
  (transport: Transport): Fetcher =>
  (params, options) => {
    const meant = operationMeant(params.query, params.operationName);
    const named = { ...params, operationName: meant ? meant.name?.value : params.operationName };
    const operation = sign(named, options?.headers ?? {}, transport.session.token());
    if (params.operationName === "IntrospectionQuery") return introspect(transport, operation);
    return meant?.operation === "subscription"
      ? observable((observer) => streamOperation(transport, operation, observer))
      : observable((observer) => runOnce(transport, operation, observer));
  };

/** Tells the session when the answer says that its token is no longer accepted. */
export function noteRefusal({ session }: Transport, operation: Operation, status: number, result: unknown): boolean {
  if (operation.token === null || !(status === 401 || isUnauthenticated(result))) return false;
  session.expire(operation.token);
  return true;
}

export interface Observer {
  next(result: ExecutionResult): void;
  error(error: unknown): void;
  complete(): void;
}

function runOnce(transport: Transport, operation: Operation, observer: Observer): () => void {
  const { activity, endpoint } = transport;
  const controller = new AbortController();
  const startedAt = performance.now();
  activity.set({ kind: "running" });
  postOperation(endpoint, operation, controller.signal).then(
    ({ result, status, bytes }) => {
      activity.set({ kind: "answered", status, bytes, ms: Math.round(performance.now() - startedAt) });
      noteRefusal(transport, operation, status, result);
      observer.next(result);
      observer.complete();
    },
    (error: unknown) => {
      if (controller.signal.aborted) return;
      activity.set({ kind: "failed" });
      observer.error(error);
    },
  );
  return () => {
    if (activity.get().kind === "running") activity.set({ kind: "stopped", events: null });
    controller.abort();
  };
}

/** The schema is public where introspection is on: a token that has expired must not keep the docs from loading. */
async function introspect(transport: Transport, operation: Operation): Promise<ExecutionResult> {
  const { result, status } = await postOperation(transport.endpoint, operation);
  if (!noteRefusal(transport, operation, status, result)) return result;
  const { authorization: _refused, ...headers } = operation.headers;
  return (await postOperation(transport.endpoint, { ...operation, headers, token: null })).result;
}

function sign(params: FetcherParams, written: Record<string, unknown>, token: string | null): Operation {
  const headers = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  if (token === null || "authorization" in headers) return { params, headers, token: null };
  return { params, headers: { ...headers, authorization: `Bearer ${token}` }, token };
}

function isUnauthenticated(result: unknown): boolean {
  const errors: unknown = isObject(result) ? result.errors : null;
  return Array.isArray(errors) && errors.some((error) => error?.extensions?.code === "UNAUTHENTICATED");
}
