import type { Bus } from "@supergraph/messaging";
import type { Logger, Running, SubgraphConfig } from "@supergraph/service";
import type { Secrets } from "./secrets.ts";

/** What a subgraph is started with in this process. */
export interface Surroundings {
  readonly config: SubgraphConfig;
  readonly deps: { readonly bus: Bus; readonly log: Logger; readonly onQuery?: (sql: string) => void };
  readonly secrets: Secrets;
  /** Where the sandbox provider answers. */
  readonly providerUrl: string;
}

export interface SubgraphCode {
  readonly migrate: (databaseUrl: string) => Promise<void>;
  readonly start: (surroundings: Surroundings) => Promise<Running>;
}

interface Subgraph {
  /** How far after the router's. */
  readonly port: number;
  readonly load: () => Promise<SubgraphCode>;
}

/** How far after the router's the sandbox provider's port is. */
export const PROVIDER_PORT = 5;

/** As the payments subgraph has it when its environment says nothing. */
const PROVIDER_TIMEOUT_MS = 2_000;

/** All that run here. What each needs beside its database and the bus is said here and nowhere else. */
export const SUBGRAPHS = {
  users: {
    port: 1,
    load: async () => {
      const { migrateUsers, startUsersSubgraph } = await import("@supergraph/users/server");
      return {
        migrate: migrateUsers,
        start: ({ config, deps, secrets: { accessTokenKeys } }) =>
          startUsersSubgraph({ ...config, accessTokenKeys }, deps),
      };
    },
  },
  products: {
    port: 2,
    load: async () => {
      const { migrateProducts, startProductsSubgraph } = await import("@supergraph/products/server");
      return { migrate: migrateProducts, start: ({ config, deps }) => startProductsSubgraph(config, deps) };
    },
  },
  orders: {
    port: 3,
    load: async () => {
      const { migrateOrders, startOrdersSubgraph } = await import("@supergraph/orders/server");
      return { migrate: migrateOrders, start: ({ config, deps }) => startOrdersSubgraph(config, deps) };
    },
  },
  payments: {
    port: 4,
    load: async () => {
      const { migratePayments, startPaymentsSubgraph } = await import("@supergraph/payments/server");
      return {
        migrate: migratePayments,
        start: ({ config, deps, secrets, providerUrl }) =>
          startPaymentsSubgraph(
            {
              ...config,
              psp: {
                url: providerUrl,
                apiKey: secrets.providerApiKey,
                webhookSecret: secrets.providerWebhookSecret,
                timeoutMs: PROVIDER_TIMEOUT_MS,
              },
            },
            deps,
          ),
      };
    },
  },
} as const satisfies Readonly<Record<string, Subgraph>>;

export type SubgraphName = keyof typeof SUBGRAPHS;

export const SUBGRAPH_NAMES = Object.keys(SUBGRAPHS) as readonly SubgraphName[];

/** Subgraphs and provider listen on ports that follow the router's. */
export const PORTS_AFTER_ROUTER = Math.max(PROVIDER_PORT, ...Object.values(SUBGRAPHS).map(({ port }) => port));

/** One value for each subgraph. */
export const ofEachSubgraph = <T>(make: (name: SubgraphName) => T): Readonly<Record<SubgraphName, T>> =>
  Object.fromEntries(SUBGRAPH_NAMES.map((name) => [name, make(name)])) as Record<SubgraphName, T>;
