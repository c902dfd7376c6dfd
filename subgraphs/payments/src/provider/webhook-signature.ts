import { createHmac, timingSafeEqual } from "node:crypto";

export type SignatureVerdict =
  | { readonly kind: "valid" }
  | { readonly kind: "missing" }
  /** Not made with our secret, or not over this body. */
  | { readonly kind: "forged" }
  /** Too old or too far ahead: it may have been recorded and played again. */
  | { readonly kind: "stale" };

const TOLERANCE_SECONDS = 300;

const HEADER = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/** Checks `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">` over the bytes that arrived. */
export const verifySignature = (
  header: string | undefined,
  body: Buffer,
  secret: string,
  now: Date,
): SignatureVerdict => {
  if (!header) return { kind: "missing" };
  const [, timestamp = "", sum = ""] = HEADER.exec(header) ?? [];
  if (timestamp === "") return { kind: "forged" };
  const expected = createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest();
  // Lengths are equal by the pattern, so the time taken tells nothing.
  if (!timingSafeEqual(expected, Buffer.from(sum, "hex"))) return { kind: "forged" };
  return Math.abs(now.getTime() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS
    ? { kind: "stale" }
    : { kind: "valid" };
};
