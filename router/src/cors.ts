import type { HttpRequest, HttpResponse, Route } from "@supergraph/service";

/** Lets pages of these origins (`https://shop.example`; `*` for any) call `routes`; nobody else's when empty. */
export const withCors = (routes: readonly Route[], origins: readonly string[]): Route[] => {
  if (origins.length === 0) return [...routes];
  const headersFor = ({ headers }: HttpRequest): Record<string, string> => {
    const { origin } = headers;
    const allowed = origin !== undefined && (origins.includes("*") || origins.includes(origin));
    return allowed
      ? {
          vary: "origin",
          "access-control-allow-origin": origins.includes("*") ? "*" : origin,
          "access-control-expose-headers": "x-correlation-id, traceresponse, retry-after, www-authenticate",
        }
      : { vary: "origin" };
  };
  const withHeaders = (response: HttpResponse, request: HttpRequest): HttpResponse => ({
    ...response,
    headers: { ...response.headers, ...headersFor(request) },
  });
  return [
    ...routes.map((route) => ({
      ...route,
      handle: async (request: HttpRequest) => withHeaders(await route.handle(request), request),
    })),
    ...[...new Set(routes.map(({ path }) => path))].map(
      (path): Route => ({
        method: "OPTIONS",
        path,
        handle: async (request) => withHeaders({ status: 204, headers: PREFLIGHT_HEADERS }, request),
      }),
    ),
  ];
};

const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers":
    "accept, authorization, content-type, apollo-require-preflight, x-apollo-operation-name, x-correlation-id, x-router-plan, traceparent, tracestate",
  "access-control-max-age": "86400",
};
