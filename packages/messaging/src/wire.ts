import { z } from "zod";
import type { Envelope, Message } from "./bus.ts";

/** Carries {@link Message.key}; everything else about the message is in the body or in headers of its own. */
export const KEY_HEADER = "Supergraph-Key";

/** Names the one consumer that a replayed message is for: the others have handled it, maybe longer ago than they remember. */
export const REPLAY_FOR_HEADER = "Supergraph-Replay-For";

const envelopeSchema: z.ZodType<Envelope> = z.object({
  id: z.string().min(1),
  type: z.string().min(1),
  version: z.int().positive(),
  time: z.iso.datetime({ offset: true }),
  correlationId: z.string(),
  causationId: z.string().nullable(),
  data: z.unknown(),
});

/** A message as a broker carries it: the envelope as UTF-8 JSON, the rest as headers. */
export interface WireMessage {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export const encodeMessage = ({ key, envelope, headers = {} }: Message): Omit<WireMessage, "subject"> => ({
  // Headers hold no line breaks and, for some readers, ASCII only; ids that we make pass unchanged.
  headers: { ...headers, [KEY_HEADER]: encodeURIComponent(key) },
  body: new TextEncoder().encode(JSON.stringify(envelope)),
});

export type Decoded =
  | { readonly kind: "message"; readonly message: Message }
  /** `message` holds what could be read: its envelope has the type `undecodable` and the body's text as `data`. */
  | { readonly kind: "undecodable"; readonly message: Message; readonly problem: string };

/** `fallbackId` names a message whose envelope cannot be read. */
export const decodeMessage = (wire: WireMessage, fallbackId: string): Decoded => {
  const key = decodeKey(wire.headers[KEY_HEADER] ?? "");
  const headers = Object.fromEntries(
    Object.entries(wire.headers).filter(([name]) => !OWN_HEADERS.includes(name) && !name.startsWith("Nats-")),
  );
  const parts = { subject: wire.subject, key, headers };
  const parsed = parseEnvelope(wire.body);
  if ("envelope" in parsed) return { kind: "message", message: { ...parts, envelope: parsed.envelope } };
  const envelope: Envelope = {
    id: fallbackId,
    type: "undecodable",
    version: 1,
    time: new Date().toISOString(),
    correlationId: fallbackId,
    causationId: null,
    data: new TextDecoder().decode(wire.body),
  };
  return { kind: "undecodable", message: { ...parts, envelope }, problem: parsed.problem };
};

const OWN_HEADERS: readonly string[] = [KEY_HEADER, REPLAY_FOR_HEADER];

const parseEnvelope = (body: Uint8Array): { envelope: Envelope } | { problem: string } => {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    const result = envelopeSchema.safeParse(json);
    return result.success
      ? { envelope: result.data }
      : { problem: `The body is not an envelope: ${z.prettifyError(result.error)}` };
  } catch (error) {
    return { problem: `The body is not JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}` };
  }
};

const decodeKey = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
};
