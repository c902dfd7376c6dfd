import { NO_LIMITS, openDatabase } from "@supergraph/postgres";
import { z } from "zod";

export const SUBGRAPHS = ["users", "products", "orders", "payments"] as const;
export type Subgraph = (typeof SUBGRAPHS)[number];

/** Runs one SQL statement, with `$1`, `$2`, … bound to `parameters`, and answers its rows. */
export type Query = (sql: string, parameters?: readonly (string | number)[]) => Promise<readonly unknown[]>;

export type Queries = Readonly<Record<Subgraph, Query>>;

export interface OpenedDatabases {
  readonly queries: Queries;
  /** Changes one database, shows `look` what it then holds, and takes the change back. */
  withChange<T>(subgraph: Subgraph, change: string, look: (queries: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Connections from outside, which see what is committed. */
export const openDatabases = (urls: Readonly<Record<Subgraph, string>>): OpenedDatabases => {
  const open = (name: Subgraph) =>
    openDatabase({ url: urls[name], schema: {}, applicationName: "shop-state", max: 1, limits: NO_LIMITS });
  const opened = {
    users: open("users"),
    products: open("products"),
    orders: open("orders"),
    payments: open("payments"),
  };
  const queryOf =
    ({ sql }: ReturnType<typeof open>): Query =>
    (text, parameters = []) =>
      sql.unsafe(text, [...parameters]);
  const queries: Queries = {
    users: queryOf(opened.users),
    products: queryOf(opened.products),
    orders: queryOf(opened.orders),
    payments: queryOf(opened.payments),
  };
  return {
    queries,
    async withChange(subgraph, change, look) {
      const seen: Awaited<ReturnType<typeof look>>[] = [];
      const takeBack = new Error("taken back");
      await opened[subgraph].sql
        .begin(async (tx) => {
          await tx.unsafe(change);
          const changed: Query = (text, parameters = []) => tx.unsafe(text, [...parameters]);
          seen.push(await look({ ...queries, [subgraph]: changed }));
          throw takeBack;
        })
        .catch((error: unknown) => {
          if (error !== takeBack) throw error;
        });
      for (const result of seen) return result;
      throw new Error("Nobody looked.");
    },
    close: async () => {
      await Promise.all(Object.values(opened).map((database) => database.close()));
    },
  };
};

/** @throws ZodError when the tables hold something else than what is expected of them. */
export const read = async <Row>(
  query: Query,
  row: z.ZodType<Row>,
  sql: string,
  parameters: readonly (string | number)[] = [],
): Promise<Row[]> => z.array(row).parse(await query(sql, parameters));
