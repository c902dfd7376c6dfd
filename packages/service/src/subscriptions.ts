import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
} from "graphql";
import { createHandler } from "graphql-sse";
import { z } from "zod";
import { maskError } from "./errors.ts";
import { errorResponse, type HttpRequest, type HttpResponse, parseJson } from "./http.ts";
import type { Logger } from "./log.ts";

const EVENT_STREAM = "text/event-stream";

export const isEventStreamRequest = ({ headers }: HttpRequest): boolean =>
  headers.accept?.includes(EVENT_STREAM) ?? false;

/**
 * Answers one operation as server-sent events (graphql-sse, distinct connections), until it is complete, its client
 * has gone, or `stopping` is aborted. Its resolvers' iterators are returned in each case.
 */
export const subscriptionHandler = <Context extends { readonly log: Logger }>(
  schema: GraphQLSchema,
  stopping: AbortSignal,
) => {
  const handle = createHandler<
    undefined,
    { value: Context & Record<PropertyKey, unknown> },
    Context & Record<PropertyKey, unknown>
  >({
    schema,
    validate: validateOperation,
    authenticate: () => "",
    context: (request) => request.context.value,
    onNext: ({ log }, _request, result) =>
      result.errors ? { ...result, errors: result.errors.map((error) => maskedError(error, log)) } : undefined,
  });
  return async (request: HttpRequest, context: Context): Promise<HttpResponse> => {
    const [body, init] = await handle({
      method: request.method,
      url: request.url.pathname,
      // It knows streams by exactly this, and takes anything else for a mode that we do not serve.
      headers: {
        get: (key) => (key === "accept" ? EVENT_STREAM : (request.headers[key] as string | undefined)),
      },
      body: () => parseJson(request.body) as never,
      raw: undefined,
      context: { value: context as Context & Record<PropertyKey, unknown> },
    });
    if (body != null && typeof body !== "string") {
      // Whether the connection is kept is the server's to say, which may be stopping.
      const { connection: _, ...headers } = { ...init.headers };
      return { status: init.status, headers, body: untilAborted(body, [request.signal, stopping], context.log) };
    }
    return init.status === 415
      ? errorResponse(415, "UNSUPPORTED_MEDIA_TYPE", "The request body must be application/json.")
      : errorResponse(init.status, "BAD_REQUEST", refusalIn(body ?? "") ?? "The request is not a GraphQL request.");
  };
};

/** Codes as Apollo Server gives them to queries; and the schema is told to nobody, as there. */
const validateOperation = (schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] =>
  validate(schema, document, [...specifiedRules, NoSchemaIntrospectionCustomRule]).map(
    (error) =>
      new GraphQLError(error.message, {
        nodes: error.nodes,
        originalError: error.originalError ?? error,
        extensions: { ...error.extensions, code: "GRAPHQL_VALIDATION_FAILED" },
      }),
  );

const refusalIn = (body: string): string | undefined =>
  Refusal.safeParse(parseJson(Buffer.from(body))).data?.errors[0].message;

const Refusal = z.object({ errors: z.tuple([z.object({ message: z.string() })], z.unknown()) });

const maskedError = (error: GraphQLError, log: Logger): GraphQLError => {
  const formatted = error.toJSON();
  // graphql-js gives these no code of their own: a variable that is missing, or of another type than declared.
  const refusedVariable = error.extensions.code === undefined && error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION;
  const { message, path, extensions } = maskError(
    refusedVariable ? { ...formatted, extensions: { code: "BAD_USER_INPUT" } } : formatted,
    error,
    log,
  );
  return new GraphQLError(message, { nodes: error.nodes, path, extensions });
};

/**
 * Ends the stream, and with it the resolver's iterator, once one of the signals says so: also when that was before
 * anybody read of it, as with a client that left while its subscription was being made.
 */
const untilAborted = (
  source: AsyncGenerator<string>,
  signals: readonly AbortSignal[],
  log: Logger,
): AsyncGenerator<string> => {
  const end = () => {
    for (const signal of signals) signal.removeEventListener("abort", end);
    source.return(undefined).catch((error: unknown) => log.error({ err: error }, "a subscription did not end cleanly"));
  };
  for (const signal of signals) signal.addEventListener("abort", end);
  if (signals.some(({ aborted }) => aborted)) end();
  return (async function* () {
    try {
      yield* source;
    } finally {
      end();
    }
  })();
};
