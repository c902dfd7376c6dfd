import { createHash } from "node:crypto";
import type { Tx } from "../db/connection.ts";
import { type IdempotentRequest, recordRequest } from "../db/idempotency-keys.ts";
import type { Deps } from "./deps.ts";

/** Another request with the same key committed first: this one must leave nothing behind and look again. */
export class KeyTaken extends Error {
  override readonly name = "KeyTaken";
}

/** `fields` in a fixed order, normalized: two requests that mean the same have the same hash. */
export const requestHash = (fields: readonly (string | null)[]): string =>
  createHash("sha256").update(JSON.stringify(fields)).digest("hex");

/** @throws KeyTaken, which {@link inIdempotentTransaction} handles. */
export const claimKey = async (
  tx: Tx,
  request: IdempotentRequest & { readonly orderId: string; readonly createdAt: Date },
): Promise<void> => {
  if (!(await recordRequest(tx, request))) throw new KeyTaken();
};

/** Runs `work` once more when another request took the key meanwhile: it then finds what that one did. */
export const inIdempotentTransaction = async <T>(
  { inTransaction }: Pick<Deps, "inTransaction">,
  work: (tx: Tx) => Promise<T>,
): Promise<T> => {
  try {
    return await inTransaction(work);
  } catch (error) {
    if (error instanceof KeyTaken) return inTransaction(work);
    throw error;
  }
};
