import type postgres from "postgres";

export type Unsafe = (
  query: string,
  parameters?: Exclude<postgres.ParameterOrJSON<never>, undefined>[],
  options?: postgres.UnsafeQueryOptions,
) => postgres.PendingQuery<postgres.Row[]>;
export type Work = (tx: postgres.TransactionSql) => unknown;
export type Begin = (options: string, work: Work) => Promise<unknown>;

export const missingWork: Work = () => {
  throw new TypeError("begin() needs a function that does the work of the transaction.");
};

/** The client with each of its `unsafe`, of its transactions, too, replaced: by it all of Drizzle's statements go. */
export const replaceUnsafe = (client: postgres.Sql, replaced: (unsafe: Unsafe) => Unsafe): postgres.Sql => {
  const begin: Begin = client.begin.bind(client);
  const inTransaction =
    (work: Work): Work =>
    (tx) => {
      const unsafe = replaced(tx.unsafe.bind(tx));
      return work(
        new Proxy(tx, { get: (target, property) => (property === "unsafe" ? unsafe : Reflect.get(target, property)) }),
      );
    };
  return Object.assign(client, {
    unsafe: replaced(client.unsafe.bind(client)),
    begin: (first: string | Work, second?: Work) =>
      typeof first === "string" ? begin(first, inTransaction(second ?? missingWork)) : begin("", inTransaction(first)),
  });
};

/** The insides of a query of postgres.js: it is a promise that does nothing until somebody waits for it. */
interface QueryInsides {
  handler: ((query: unknown) => unknown) & { debug?: unknown };
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** Calls `start` when the query begins to be executed, and what that answered when it is over: with the error, if it failed. */
export const whileExecuted = <Query extends object>(
  query: Query,
  start: () => (failure?: { readonly error: unknown }) => void,
): Query => {
  const insides = query as Query & QueryInsides;
  const { handler, resolve, reject } = insides;
  let end: ReturnType<typeof start> = () => undefined;
  insides.handler = Object.assign(
    (executed: unknown) => {
      end = start();
      return handler(executed);
    },
    { debug: handler.debug },
  );
  insides.resolve = (value) => {
    end();
    resolve(value);
  };
  insides.reject = (error) => {
    end({ error });
    reject(error);
  };
  return query;
};
