import type postgres from "postgres";
import { type Begin, missingWork, type Unsafe, type Work, whileExecuted } from "./query-insides.ts";

/** How many connections of a pool are asked for at this moment, and how many there may be. */
export interface PoolUse {
  readonly max: number;
  /** Transactions and single statements that are under way, as far as there are connections for them. */
  readonly used: number;
  /** Those beyond: they wait, or share a connection. */
  readonly pending: number;
}

export interface CountedPool {
  readonly client: postgres.Sql;
  use(): PoolUse;
}

/** Counts what runs by `unsafe` and in transactions, as all of Drizzle's does: postgres.js tells nothing of its pool. */
export const countUses = (client: postgres.Sql, max: number): CountedPool => {
  let running = 0;
  const start = (): (() => void) => {
    running += 1;
    let over = false;
    return () => {
      if (!over) running -= 1;
      over = true;
    };
  };

  const unsafe: Unsafe = client.unsafe.bind(client);
  const begin: Begin = client.begin.bind(client);
  const inTransaction = async (options: string, work: Work): Promise<unknown> => {
    const end = start();
    try {
      return await begin(options, work);
    } finally {
      end();
    }
  };
  return {
    client: Object.assign(client, {
      unsafe: (...args: Parameters<Unsafe>) => whileExecuted(unsafe(...args), start),
      begin: (first: string | Work, second?: Work) =>
        typeof first === "string" ? inTransaction(first, second ?? missingWork) : inTransaction("", first),
    }),
    use: () => ({ max, used: Math.min(running, max), pending: Math.max(0, running - max) }),
  };
};
