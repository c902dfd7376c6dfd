import { type ExecutionResult, GraphQLError } from "graphql";
import { isObject } from "./config.ts";
import type { Operation } from "./fetcher.ts";

export interface Answer {
  readonly result: ExecutionResult;
  readonly status: number;
  readonly bytes: number;
}

/** @throws TypeError when the endpoint cannot be reached, DOMException when `signal` aborts. */
export async function postOperation(endpoint: string, operation: Operation, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      ...operation.headers,
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
    },
    body: JSON.stringify(operation.params),
    signal,
  });
  const body = await response.text();
  return { result: readResult(response, body), status: response.status, bytes: new Blob([body]).size };
}

/** Whatever the endpoint answered, in the shape of a GraphQL result, so that the result pane can show it. */
export function readResult({ status, statusText }: Response, body: string): ExecutionResult {
  try {
    const json: unknown = JSON.parse(body);
    if (isObject(json)) return json;
  } catch {
    // Below.
  }
  const message = `The endpoint answered ${status} ${statusText} with something that is not a GraphQL result.`;
  return { errors: [new GraphQLError(message, { extensions: { status, body: body.slice(0, 1_000) } })] };
}
