import postgres from "postgres";

/** What ends the use of a transaction: the loss of its connection, or its end. */
interface Scope {
  over: Error | null;
  /** Rejects when the connection is lost. */
  readonly lost: Promise<never>;
}

/**
 * Keeps a transaction from touching its connection once that is lost. Unguarded, postgres.js 3.4.9 would write its next
 * statement, or its rollback, to a socket that is gone, which ends the process, or into the transaction of whoever has
 * got the connection since. The transaction rejects as soon as its connection is lost.
 */
export const guardTransactions = (client: postgres.Sql): postgres.Sql => {
  const begin: Begin = client.begin.bind(client);
  const guarded: Begin = (options, work) =>
    new Promise((resolve, reject) => {
      let rejectLost: (error: Error) => void = () => undefined;
      const lost = new Promise<never>((_, rejectIt) => {
        rejectLost = rejectIt;
      });
      lost.catch(() => undefined);
      const scope: Scope = { over: null, lost };
      const lose = (error: Error) => {
        scope.over ??= error;
        rejectLost(error);
        reject(error);
      };
      begin(options, (tx) => untilOver(scope, work(guardScope(tx, scope, lose)))).then((value) => {
        scope.over ??= new Error("The transaction has ended: its queries must be awaited before its work resolves.");
        resolve(value);
      }, lose);
    });
  return Object.assign(client, {
    begin: (first: string | Work, second?: Work) =>
      typeof first === "string" ? guarded(first, second ?? missingWork) : guarded("", first),
  });
};

type Work = (tx: postgres.TransactionSql) => unknown;
type Begin = (options: string, work: Work) => Promise<unknown>;

const missingWork: Work = () => {
  throw new TypeError("begin() needs a function that does the work of the transaction.");
};

/** Passes on how `work` ends, unless its connection is lost by then: postgres.js would commit or roll back on it. */
const untilOver = (scope: Scope, work: unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    Promise.resolve(work).then(
      (value) => scope.over ?? resolve(value),
      (error: unknown) => scope.over ?? reject(error),
    );
  });

const guardScope = (
  tx: postgres.TransactionSql,
  scope: Scope,
  lose: (error: Error) => void,
): postgres.TransactionSql => {
  const savepoint = async (first: string | Work, second?: Work) => {
    if (scope.over) throw scope.over;
    const work = typeof first === "string" ? (second ?? missingWork) : first;
    const guarded: Work = (nested) => untilOver(scope, work(guardScope(nested, scope, lose)));
    try {
      const nested = typeof first === "string" ? tx.savepoint(first, guarded) : tx.savepoint(guarded);
      return await Promise.race([nested, scope.lost]);
    } catch (error) {
      // From the savepoint's own statements, which nobody else sees.
      if (isConnectionLoss(error)) lose(error);
      throw error;
    }
  };
  const unsafe = (...args: Parameters<typeof tx.unsafe>) => guardQuery(tx.unsafe(...args), scope, lose);
  return new Proxy(tx, {
    apply: (target, self, args) => guardQuery(Reflect.apply(target, self, args), scope, lose),
    get(target, property) {
      if (property === "unsafe") return unsafe;
      if (property === "savepoint") return savepoint;
      return Reflect.get(target, property);
    },
  });
};

/** The insides of a query of postgres.js that decide where it runs and how it ends. */
interface QueryInsides {
  handler: ((query: QueryInsides) => void) & { debug?: unknown };
  reject: (error: unknown) => void;
}

const hasInsides = (value: unknown): value is QueryInsides =>
  value instanceof Promise &&
  "handler" in value &&
  typeof value.handler === "function" &&
  "reject" in value &&
  typeof value.reject === "function";

const guardQuery = <T>(query: T, scope: Scope, lose: (error: Error) => void): T => {
  if (!hasInsides(query)) return query;
  const { handler, reject } = query;
  query.handler = Object.assign(
    (executed: QueryInsides) => (scope.over ? executed.reject(scope.over) : handler(executed)),
    { debug: handler.debug },
  );
  query.reject = (error) => {
    if (isConnectionLoss(error)) lose(error);
    reject(error);
  };
  return query;
};

const LOSSES = new Set(["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "CONNECTION_ENDED", "CONNECT_TIMEOUT"]);

/** From postgres.js by its code, or from the socket, which names the system call. */
const isConnectionLoss = (error: unknown): error is Error =>
  error instanceof Error &&
  !(error instanceof postgres.PostgresError) &&
  ("syscall" in error || ("code" in error && typeof error.code === "string" && LOSSES.has(error.code)));
