import type { IncomingHttpHeaders } from "node:http";
import { ROUTER_SIGNATURE_HEADER } from "@supergraph/service";
import { z } from "zod";

/** Whole milliseconds that the caller still waits, from when the request arrives: clocks need not agree. */
export const TIMEOUT_HEADER = "x-request-timeout-ms";
export const CORRELATION_HEADER = "x-correlation-id";

/** What rules may neither set nor overwrite nor remove: who may would break the protocol, or speak for the router. */
const RESERVED: ReadonlySet<string> = new Set([
  // Of one connection, and of the framing of one message.
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "host",
  "content-length",
  "expect",
  // What the router sends, and can read.
  "content-type",
  "content-encoding",
  "accept",
  "accept-encoding",
  // The router's own.
  ROUTER_SIGNATURE_HEADER,
  CORRELATION_HEADER,
  TIMEOUT_HEADER,
  "traceparent",
  "tracestate",
]);

const isReserved = (name: string): boolean => RESERVED.has(name) || name.startsWith("proxy-");

/** Credentials: no pattern takes them along by accident. */
const ONLY_BY_NAME: ReadonlySet<string> = new Set(["authorization", "cookie"]);

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** Text without control characters: nothing that could end a line. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const headerName = () =>
  z
    .string()
    .max(200)
    .regex(TOKEN, "expected the name of a header, such as x-tenant")
    .transform((name) => name.toLowerCase());

const ownHeaderName = () =>
  headerName().refine((name) => !isReserved(name), {
    error: ({ input }) =>
      `${String(input)} is the router's own or of the connection: subgraphs would misunderstand the request. Choose another name`,
  });

const headerValue = () =>
  z.string().max(8_192).regex(VALUE, "expected text of one line, without control characters and within Latin-1");

const Propagate = z
  .strictObject({
    propagate: headerName().describe("A header of the client, or all that begin alike: `x-tenant`, `x-shop-*`."),
    as: ownHeaderName().optional().describe("The name under which the subgraph gets it; its own unless given."),
    default: headerValue().optional().describe("The value where the client sends none."),
  })
  .superRefine((rule, context) => {
    const isPattern = rule.propagate.endsWith("*");
    const problem = isPattern
      ? rule.as !== undefined || rule.default !== undefined
        ? "`as` and `default` are for one header: name it"
        : undefined
      : rule.as === undefined && isReserved(rule.propagate)
        ? `${rule.propagate} is the router's own or of the connection: it can go to a subgraph under another name only, by \`as\``
        : undefined;
    if (problem) context.addIssue({ code: "custom", path: ["propagate"], message: problem });
  });

const SetHeader = z.strictObject({
  set: ownHeaderName().describe("A header that every call carries."),
  value: headerValue().describe("Its value."),
});

const Remove = z.strictObject({
  remove: ownHeaderName().describe("A header that rules before this one have added, and that is not to go on."),
});

/** What a subgraph sees of the client's headers: nothing but what rules say, which apply in their order. */
export const HeaderRules = z
  .array(z.union([Propagate, SetHeader, Remove]))
  .max(100)
  .default([])
  .describe(
    "Headers of calls, by rules that apply in their order: `propagate` one of the client's or a pattern, `set` one, `remove` what earlier rules added. `authorization` and `cookie` go on only where they are named exactly.",
  );

export type HeaderRules = z.output<typeof HeaderRules>;

/** The same object for the same `clientHeaders`, so that what depends on it need not be computed twice either. */
export type PropagateHeaders = (clientHeaders: IncomingHttpHeaders) => Readonly<Record<string, string>>;

type Added = Record<string, string>;
type Step = (clientHeaders: IncomingHttpHeaders, headers: Added) => void;

const NONE: Readonly<Added> = Object.freeze(Object.create(null) as Added);

/** Compiles rules once. What it returns computes each client's headers once, for all subgraphs that it is used for. */
export const compileHeaderRules = (rules: HeaderRules): PropagateHeaders => {
  if (rules.length === 0) return () => NONE;
  const steps = rules.map(stepOf);
  const computed = new WeakMap<IncomingHttpHeaders, Readonly<Added>>();
  return (clientHeaders) => {
    const known = computed.get(clientHeaders);
    if (known) return known;
    // Without a prototype: a client chooses names.
    const headers = Object.create(null) as Added;
    for (const step of steps) step(clientHeaders, headers);
    computed.set(clientHeaders, headers);
    return headers;
  };
};

const stepOf = (rule: HeaderRules[number]): Step => {
  if ("set" in rule)
    return (_, headers) => {
      headers[rule.set] = rule.value;
    };
  if ("remove" in rule)
    return (_, headers) => {
      delete headers[rule.remove];
    };
  const { propagate, as = propagate, default: fallback } = rule;
  if (propagate.endsWith("*")) return stepOfPattern(propagate.slice(0, -1));
  return (clientHeaders, headers) => {
    const value = valueIn(clientHeaders, propagate) ?? fallback;
    if (value !== undefined) headers[as] = value;
  };
};

const stepOfPattern =
  (prefix: string): Step =>
  (clientHeaders, headers) => {
    for (const name of Object.keys(clientHeaders)) {
      if (!name.startsWith(prefix) || isReserved(name) || ONLY_BY_NAME.has(name)) continue;
      const value = valueIn(clientHeaders, name);
      if (value !== undefined) headers[name] = value;
    }
  };

const valueIn = (clientHeaders: IncomingHttpHeaders, name: string): string | undefined => {
  if (!Object.hasOwn(clientHeaders, name)) return undefined;
  const value = clientHeaders[name];
  // RFC 9110, 5.3; only cookies are joined otherwise.
  const text = Array.isArray(value) ? value.join(name === "cookie" ? "; " : ", ") : value;
  return text !== undefined && VALUE.test(text) ? text : undefined;
};
