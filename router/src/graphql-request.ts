import { createHash } from "node:crypto";
import { type ErrorCode, type HttpRequest, parseJson } from "@supergraph/service";
import { z } from "zod";
import { isShallow } from "./limits.ts";

/** What a client asks, wherever in the HTTP request it stood. */
export interface GraphQLParameters {
  readonly query: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

export type ReadParameters =
  | { readonly kind: "read"; readonly parameters: GraphQLParameters }
  | { readonly kind: "refused"; readonly status: 400 | 415; readonly code: ErrorCode; readonly message: string };

const Parameters = z.object({
  query: z.string("`query` must be a string").nullish(),
  operationName: z.string("`operationName` must be a string").nullish(),
  variables: z.record(z.string(), z.unknown(), "`variables` must be an object").nullish(),
  extensions: z.record(z.string(), z.unknown(), "`extensions` must be an object").nullish(),
});

/** Automatic persisted queries, version 1: the hash is that of the query's text, in lower-case hexadecimal. */
const PersistedQuery = z.object({ version: z.literal(1), sha256Hash: z.string().regex(/^[0-9a-f]{64}$/) });

/** Reads a request as GraphQL over HTTP defines it: parameters of the URL for GET, one JSON object for POST. */
export const readParameters = (request: HttpRequest): ReadParameters =>
  request.method === "POST" ? readBody(request) : readSearch(request.url.searchParams);

const readBody = ({ headers, body }: HttpRequest): ReadParameters => {
  const [type = "", ...attributes] = (headers["content-type"] ?? "").toLowerCase().split(";");
  const charset = attributes.map((text) => /^\s*charset="?([\w-]+)"?\s*$/.exec(text)?.[1]).find(Boolean);
  if (type.trim() !== "application/json" || (charset !== undefined && charset !== "utf-8" && charset !== "utf8"))
    return {
      kind: "refused",
      status: 415,
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "Send the operation as application/json in UTF-8.",
    };
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "identity")
    return {
      kind: "refused",
      status: 415,
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "Send the operation as it is: compressed requests are not read.",
    };
  if (body.length === 0) return malformed("The request body is empty: expected a JSON object with `query`.");
  const parsed = parseJson(body);
  if (parsed === undefined) return malformed("The request body is not valid JSON.");
  if (Array.isArray(parsed)) return malformed("Send one operation in a request: batches are not answered.");
  return readObject(parsed);
};

const readSearch = (search: URLSearchParams): ReadParameters => {
  const jsonOf = (name: string): unknown => {
    const text = search.get(name);
    return text ? (parseJson(Buffer.from(text)) ?? text) : undefined;
  };
  return readObject({
    query: search.get("query") ?? undefined,
    operationName: search.get("operationName") || undefined,
    variables: jsonOf("variables"),
    extensions: jsonOf("extensions"),
  });
};

const readObject = (value: unknown): ReadParameters => {
  const parsed = Parameters.safeParse(value);
  if (!parsed.success)
    return malformed(
      typeof value === "object" && value !== null
        ? `The request is malformed: ${parsed.error.issues[0]?.message ?? "unexpected value"}.`
        : "The request must be a JSON object with `query`.",
    );
  const { query, operationName, variables, extensions } = parsed.data;
  if (!isShallow(variables) || !isShallow(extensions)) return malformed("The variables nest too deep.");
  const persisted = extensions?.persistedQuery ?? undefined;
  if (!query && persisted === undefined) return malformed("The request has no `query`.");
  // Apollo Server answers what is wrong with these as faults of its own.
  if (persisted !== undefined) {
    const { success, data } = PersistedQuery.safeParse(persisted);
    if (!success)
      return malformed(
        "`extensions.persistedQuery` must have `version` 1 and a `sha256Hash` of 64 hexadecimal digits.",
      );
    if (query && createHash("sha256").update(query).digest("hex") !== data.sha256Hash)
      return malformed("`extensions.persistedQuery.sha256Hash` is not the hash of `query`.");
  }
  return {
    kind: "read",
    parameters: {
      query: query ?? undefined,
      operationName: operationName ?? undefined,
      variables: variables ?? {},
      extensions: extensions ?? undefined,
    },
  };
};

const malformed = (message: string): ReadParameters => ({
  kind: "refused",
  status: 400,
  code: "BAD_REQUEST",
  message,
});
