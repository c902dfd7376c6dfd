import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { z } from "zod";

const Value = z
  .object({ stringValue: z.string() })
  .or(z.object({ intValue: z.number() }))
  .or(z.looseObject({}));
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .transform((pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]])));

const Traces = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              name: z.string(),
              kind: z.number(),
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              attributes: Attributes,
              events: z.array(z.unknown()),
              status: z.object({ code: z.number() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

export type ReceivedSpan = z.output<typeof Traces>["resourceSpans"][number]["scopeSpans"][number]["spans"][number] & {
  readonly resource: Readonly<Record<string, unknown>>;
};

export interface ReceivedExport {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Of JSON; none of what came as protobuf. */
  readonly spans: readonly ReceivedSpan[];
  readonly bytes: number;
}

export interface OtlpReceiver {
  /** The value of `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  readonly received: readonly ReceivedExport[];
  /** Of all exports so far. */
  spans(): readonly ReceivedSpan[];
  /** Answers this from now on, 200 unless told. "nothing" leaves the sender without an answer. */
  answer(status: number | "nothing"): void;
  stop(): Promise<void>;
}

/** A bare collector on the loopback: OTLP over HTTP, as JSON or protobuf. */
export const startOtlpReceiver = async (): Promise<OtlpReceiver> => {
  const received: ReceivedExport[] = [];
  let status: number | "nothing" = 200;
  const server = createServer((request, response) => {
    void (async () => {
      const isZipped = request.headers["content-encoding"] === "gzip";
      const body = await text(isZipped ? request.pipe(createGunzip()) : request);
      if (status === 200) {
        const isJson = request.headers["content-type"] === "application/json";
        const spans = isJson ? spansOf(JSON.parse(body)) : [];
        received.push({ path: request.url ?? "", headers: request.headers, spans, bytes: body.length });
      }
      if (status !== "nothing") response.writeHead(status, { "content-type": "application/json" }).end("{}");
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    received,
    spans: () => received.flatMap(({ spans }) => spans),
    answer(next) {
      status = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const spansOf = (body: unknown): ReceivedSpan[] =>
  Traces.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, resource: resource.attributes }))),
  );
