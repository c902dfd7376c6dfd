import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { hash, verify } from "@node-rs/argon2";
import { graphQLError } from "@supergraph/service";
import { BulkheadRejectedError, bulkhead } from "cockatiel";

/** Takes passwords in their normalised spelling. */
export interface PasswordHasher {
  /** @throws OVERLOADED when too many are waiting. */
  hash(password: string): Promise<string>;
  /**
   * Costs the same whether there is a hash to compare with or not; without one, or without a password, it is false.
   * @throws OVERLOADED when too many are waiting.
   */
  verify(password: string | undefined, passwordHash: string | undefined): Promise<boolean>;
}

export interface HasherOptions {
  /** How many are computed at once; each takes 19 MiB and one thread of libuv's four. */
  readonly concurrency?: number;
  /** How many may wait beyond that. */
  readonly queue?: number;
}

/** The first of OWASP's recommendations for argon2id (the library's default algorithm). */
const PARAMETERS = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

/** At some 30 ms each the last in the queue waits for about a second, and then a client is better told to come back. */
const DEFAULT_QUEUE = 64;
/** Leaves a libuv thread for file and DNS work. */
const MAX_DEFAULT_CONCURRENCY = 3;

export const createPasswordHasher = async ({
  concurrency = Math.min(availableParallelism(), MAX_DEFAULT_CONCURRENCY),
  queue = DEFAULT_QUEUE,
}: HasherOptions = {}): Promise<PasswordHasher> => {
  const slots = bulkhead(concurrency, queue);
  // Of a password that nobody knows, with the parameters of the real ones, so that comparing takes as long.
  const nobodysHash = await hash(randomBytes(32), PARAMETERS);
  const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await slots.execute(work);
    } catch (error) {
      if (error instanceof BulkheadRejectedError)
        throw graphQLError("OVERLOADED", "Too many people are signing in at this moment. Try again in a few seconds.");
      throw error;
    }
  };
  return {
    hash: (password) => bounded(() => hash(password, PARAMETERS)),
    verify: async (password, passwordHash) => {
      const matches = await bounded(() => verify(passwordHash ?? nobodysHash, password ?? ""));
      return matches && password !== undefined && passwordHash !== undefined;
    },
  };
};
