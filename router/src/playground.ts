import { createHash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { errorResponse, type HttpRequest, type HttpResponse, json, type Route } from "@supergraph/service";

/** What the playground offers beside an editor. All of it is public: it is served to anybody who opens the page. */
export interface PlaygroundConfig {
  readonly title: string;
  /** Where GraphQL is answered, from the page's own origin. */
  readonly endpoint: string;
  /** How to get an access token; null where tokens come from elsewhere. */
  readonly signIn: {
    /** A mutation document. */
    readonly operation: string;
    readonly accounts: readonly { readonly label: string; readonly variables: Readonly<Record<string, unknown>> }[];
    /** Where the access token is in `data`. */
    readonly tokenPath: readonly string[];
  } | null;
  readonly operations: readonly {
    readonly name: string;
    readonly query: string;
    readonly variables?: Readonly<Record<string, unknown>>;
  }[];
}

const SECURITY_HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
};

/** The playground's page at `/`, its files below `/assets/`, and what it offers at `/playground/config.json`. */
export const playgroundRoutes = (directory: string, config: PlaygroundConfig): Route[] => {
  const page = async (request: HttpRequest): Promise<HttpResponse> => {
    const file = await readInside(directory, ["index.html"]);
    return file
      ? serve(request, file, ".html", "no-cache")
      : {
          status: 200,
          headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
          body: `GraphQL is answered at ${config.endpoint}. The playground is not built yet: run \`npm run build -w router/playground\`.\n`,
        };
  };
  return [
    { method: "GET", path: "/", handle: page },
    { method: "GET", path: "/index.html", handle: page },
    {
      method: "GET",
      path: "/playground/config.json",
      handle: async () => json(200, config, { "cache-control": "no-store", "x-content-type-options": "nosniff" }),
    },
    {
      method: "GET",
      path: "/favicon.ico",
      async handle(request) {
        const file = await readInside(directory, ["favicon.ico"]);
        return file ? serve(request, file, ".ico", "max-age=86400") : { status: 204 };
      },
    },
    {
      method: "GET",
      path: "/assets/*",
      async handle(request) {
        const segments = segmentsOf(request.url.pathname);
        const file = segments && (await readInside(directory, segments));
        if (!file) return errorResponse(404, "BAD_REQUEST", "There is nothing at this path.");
        // The build puts a hash of the content into these names.
        return serve(request, file, extname(segments.at(-1) ?? ""), "public, max-age=31536000, immutable");
      },
    },
  ];
};

/** Null where a segment is not the plain name of a file or folder. */
const segmentsOf = (pathname: string): string[] | null => {
  try {
    const segments = pathname.slice(1).split("/").map(decodeURIComponent);
    return segments.every((segment) => /^[\w@+-][\w@+.-]*$/.test(segment)) ? segments : null;
  } catch {
    return null;
  }
};

/** Null when there is no such file, or a symbolic link leads out of `directory`. */
const readInside = async (directory: string, segments: readonly string[]): Promise<Buffer | null> => {
  try {
    const [root, path] = await Promise.all([realpath(directory), realpath(join(directory, ...segments))]);
    return path.startsWith(`${root}${sep}`) ? await readFile(path) : null;
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR", "EISDIR"].includes(String(error.code)))
      return null;
    throw error;
  }
};

const serve = (request: HttpRequest, file: Buffer, extension: string, cacheControl: string): HttpResponse => {
  const etag = `"${createHash("sha256").update(file).digest("base64url").slice(0, 27)}"`;
  const headers = { ...SECURITY_HEADERS, etag, "cache-control": cacheControl };
  const known = request.headers["if-none-match"]?.split(",").map((value) => value.trim().replace(/^W\//, ""));
  if (known?.includes(etag)) return { status: 304, headers };
  return {
    status: 200,
    headers: { ...headers, "content-type": CONTENT_TYPES[extension.toLowerCase()] ?? "application/octet-stream" },
    body: file,
  };
};
