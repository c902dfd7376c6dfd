import { createHash } from "node:crypto";
import { isId, newId } from "@supergraph/service";
import { insertAdjustment, lockAdjustment } from "../db/adjustments.ts";
import { lockStock, setOnHand } from "../db/stock.ts";
import { invalid, type Problem, textProblems } from "../domain/problem.ts";
import { adjust, MAX_ON_HAND } from "../domain/stock.ts";
import type { Deps } from "./deps.ts";

export interface Adjustment {
  readonly variantId: string;
  readonly delta: number;
  readonly reason: string;
  readonly idempotencyKey: string;
}

export type AdjustStockResult =
  /** Now, or before under the same key. */
  { kind: "adjusted"; variantId: string } | { kind: "refused"; problems: readonly Problem[] };

const MAX_DELTA = 1_000_000;
const REASON = { min: 1, max: 500 };
const IDEMPOTENCY_KEY = { min: 1, max: 200 };

/**
 * Changes what is in the stock by `delta`, once a key and person: a repeat answers what was done, the same key with
 * another request is refused. A refused change leaves nothing behind, so its key may be used again.
 */
export const makeAdjustStock =
  ({ inTransaction, now }: Pick<Deps, "inTransaction" | "now">) =>
  async (adjustment: Adjustment, adjustedBy: string): Promise<AdjustStockResult> => {
    const problems = problemsOf(adjustment);
    if (problems.length > 0) return { kind: "refused", problems };
    const { variantId, delta, reason, idempotencyKey } = adjustment;
    const requestHash = hashOf(adjustment);

    return inTransaction(async (tx) => {
      const earlier = await lockAdjustment(tx, adjustedBy, idempotencyKey);
      if (earlier) return earlier.requestHash === requestHash ? { kind: "adjusted", variantId } : refuse(keyUsed);

      const [stock] = await lockStock(tx, [variantId]);
      if (!stock) return refuse(notFound);
      const decision = adjust(stock, delta);
      switch (decision.kind) {
        case "negativeStock":
          return refuse({
            code: "NEGATIVE_STOCK",
            message: `Only ${decision.available} can be taken out: ${stock.onHand} are in the stock, ${stock.reserved} of them reserved for orders.`,
            path: ["input", "delta"],
          });
        case "tooMuch":
          return refuse(invalid(["input", "delta"], `A variant's stock is at most ${MAX_ON_HAND}.`));
        case "adjusted": {
          const { onHand } = decision;
          await setOnHand(tx, variantId, onHand);
          await insertAdjustment(tx, {
            id: newId("adj"),
            variantId,
            delta,
            reason,
            onHandAfter: onHand,
            adjustedBy,
            idempotencyKey,
            requestHash,
            createdAt: now(),
          });
          return { kind: "adjusted", variantId };
        }
      }
    });
  };

const notFound: Problem = { code: "NOT_FOUND", message: "There is no such variant.", path: ["input", "variantId"] };

const keyUsed = invalid(
  ["input", "idempotencyKey"],
  "This idempotency key was used before for another request: use a new key for a new change.",
);

const refuse = (problem: Problem): AdjustStockResult => ({ kind: "refused", problems: [problem] });

const problemsOf = ({ variantId, delta, reason, idempotencyKey }: Adjustment): Problem[] => [
  ...(isId("var", variantId) ? [] : [notFound]),
  ...(delta === 0 || Math.abs(delta) > MAX_DELTA
    ? [invalid(["input", "delta"], `A change is from 1 to ${MAX_DELTA} pieces, in or out, got ${delta}.`)]
    : []),
  ...textProblems(reason, ["input", "reason"], REASON),
  ...textProblems(idempotencyKey, ["input", "idempotencyKey"], IDEMPOTENCY_KEY),
];

const hashOf = ({ variantId, delta, reason }: Adjustment): string =>
  createHash("sha256")
    .update(JSON.stringify([variantId, delta, reason]))
    .digest("base64url");
