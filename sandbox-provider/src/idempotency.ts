import { createHash } from "node:crypto";
import { type HttpRequest, type HttpResponse, json } from "@supergraph/service";
import type { z } from "zod";
import { errorAnswer } from "./errors.ts";
import type { Answer, Ledger } from "./ledger.ts";
import { toView } from "./payment.ts";

/**
 * Runs `work` once a key. The key is remembered with the effect, in one record: what had none (a refusal, an
 * error) is judged anew when it is sent again. The same key with another request is refused.
 */
export const idempotent = async <Schema extends z.ZodType>(
  request: HttpRequest,
  schema: Schema,
  deps: { readonly ledger: Ledger; readonly publicUrl: () => string },
  work: (input: z.output<Schema>, remember: (paymentId: string, body: unknown) => Answer) => Promise<HttpResponse>,
): Promise<HttpResponse> => {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || key.length < 1 || key.length > 255)
    return errorAnswer(400, "idempotency_key_missing", "Send an `Idempotency-Key` header of 1 to 255 characters.");
  const input = parseBody(request.body, schema);
  if (input.kind === "refused") return errorAnswer(400, input.code, input.message);

  const requestHash = createHash("sha256")
    .update(`${request.url.pathname}\n${JSON.stringify(input.value)}`)
    .digest("hex");
  const earlier = deps.ledger.answer(key);
  if (!earlier) return work(input.value, (paymentId, body) => ({ key, requestHash, paymentId, body }));
  if (earlier.requestHash !== requestHash)
    return errorAnswer(409, "idempotency_mismatch", "This idempotency key was used for another request.");
  await deps.ledger.flushed();
  if (earlier.body !== null) return json(200, earlier.body, { "idempotent-replayed": "true" });
  const payment = deps.ledger.payment(earlier.paymentId);
  return payment
    ? json(200, toView(payment, deps.publicUrl()), { "idempotent-replayed": "true" })
    : errorAnswer(404, "payment_not_found", "There is no such payment.");
};

const parseBody = <Schema extends z.ZodType>(
  body: Buffer,
  schema: Schema,
): { kind: "parsed"; value: z.output<Schema> } | { kind: "refused"; code: string; message: string } => {
  let value: unknown;
  try {
    value = body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  } catch {
    return { kind: "refused", code: "invalid_json", message: "The request body is not valid JSON." };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: "parsed", value: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
  return { kind: "refused", code: "invalid_request", message: problems.join("; ") };
};
