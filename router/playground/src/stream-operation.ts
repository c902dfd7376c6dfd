import { createClient, NetworkError } from "graphql-sse";
import { noteRefusal, type Observer, type Operation, type Transport } from "./fetcher.ts";
import { readResult } from "./post-operation.ts";

/** Runs a subscription over its own server-sent event stream (graphql-sse, distinct connections) until stopped. */
export function streamOperation(transport: Transport, operation: Operation, observer: Observer): () => void {
  const { activity, endpoint } = transport;
  const { query, operationName, variables } = operation.params;
  const client = createClient({
    url: endpoint,
    headers: { ...operation.headers },
    // Someone who explores wants to see that a stream broke, not a silent second one with a gap in between.
    retryAttempts: 0,
  });
  let events = 0;
  let stopped = false;
  activity.set({ kind: "streaming", events });
  const stop = client.subscribe<Record<string, unknown>, Record<string, unknown>>(
    { query, variables, ...(operationName ? { operationName } : {}) },
    {
      next: (result) => {
        events += 1;
        activity.set({ kind: "streaming", events });
        noteRefusal(transport, operation, 200, result);
        observer.next(result);
      },
      error: (error) => {
        if (stopped) return;
        void refusalOf(error).then(({ status, result }) => {
          activity.set({ kind: "failed" });
          if (!result) return observer.error(error);
          noteRefusal(transport, operation, status, result);
          observer.next(result);
          observer.complete();
        });
      },
      complete: () => {
        if (stopped) return;
        activity.set({ kind: "streamEnded", events });
        observer.complete();
      },
    },
  );
  return () => {
    stopped = true;
    activity.set({ kind: "stopped", events });
    stop();
    client.dispose();
  };
}

/** An endpoint that opens no stream says why in its body, such as a validation error. */
async function refusalOf(error: unknown): Promise<{ status: number; result: ReturnType<typeof readResult> | null }> {
  if (!(error instanceof NetworkError) || !(error.response instanceof Response)) return { status: 0, result: null };
  const { response } = error;
  if (response.bodyUsed) return { status: response.status, result: null };
  return { status: response.status, result: readResult(response, await response.text().catch(() => "")) };
}
