/** What global-setup.ts gives to every test file of a run. */
declare module "vitest" {
  export interface ProvidedContext {
    /** Superuser of the run's Postgres server; its database `postgres`. */
    postgresUrl: string;
    /** With credentials; null when no `nats-server` is on the PATH. */
    natsUrl: string | null;
  }
}

export {};
