import { type orderEvents, productEvents } from "@supergraph/contracts";
import {
  type Contract,
  createInProcessBus,
  type Delivery,
  type InProcessBus,
  newMessage,
  on,
  type ReceivedEvent,
} from "@supergraph/messaging";
import { newId, silentLogger } from "@supergraph/service";
import {
  createTestDatabase,
  createTestSigner,
  eventually,
  manualClock,
  type TestQuery,
  testViewer,
} from "@supergraph/testing";
import postgres from "postgres";
import type { z } from "zod";
import { type SeedCatalogue, seedProducts } from "../seed.ts";
import { migrateProducts, startProductsSubgraph } from "../server.ts";

export const NOON = "2026-03-01T12:00:00.000Z";

/** What the products subgraph told, in the order in which it arrived. */
export interface Told {
  readonly type: string;
  readonly id: string;
  readonly causationId: string | null;
  readonly correlationId: string;
  readonly data: unknown;
}

type OrderCommand = (typeof orderEvents)["reserveStock" | "commitStock" | "releaseStock" | "restockStock"];

/** The real subgraph on a database of its own, with an in-process bus, a clock that stands at noon, and callers. */
export const startShop = async (catalogue: SeedCatalogue) => {
  const database = await createTestDatabase({ migrate: migrateProducts });
  await seedProducts(database.url, catalogue);
  const clock = manualClock(NOON);
  const bus = createInProcessBus({ log: silentLogger(), backoffMs: { first: 10, max: 100 } });
  const told: Told[] = [];
  await listen(bus, told);
  const signer = await createTestSigner();
  const statements: string[] = [];
  const subgraph = await startProductsSubgraph(
    {
      host: "127.0.0.1",
      port: 0,
      databaseUrl: database.url,
      expiryIntervalMs: 25,
      routerPublicKeys: signer.publicJwks,
      logLevel: "silent",
    },
    { bus, log: silentLogger(), now: clock.now, onQuery: (sql) => statements.push(sql) },
  );
  bus.open();
  const as = signer.client(subgraph.url, "products");
  const sql = postgres(database.url, { max: 2 });

  return {
    databaseUrl: database.url,
    clock,
    told,
    sql,
    as,
    guest: as(null),
    customer: as(testViewer()),
    support: as(testViewer({ roles: ["SUPPORT"] })),
    admin: as(testViewer({ roles: ["ADMIN"] })),
    /** Statements that `work` costs. Only where nothing but `work` asks for anything meanwhile. */
    async statementsOf(work: () => Promise<unknown>): Promise<string[]> {
      statements.length = 0;
      await work();
      return statements.filter((statement) => !isOfExpiryJob(statement));
    },
    /** Resolves once the subgraph has handled the command, and answers the id of its message. */
    async command<C extends OrderCommand>(
      contract: C,
      data: z.output<C["schema"]>,
      id: string = newId("evt"),
    ): Promise<string> {
      await bus.publish(
        newMessage<z.ZodType>(contract, {
          id,
          key: data.orderId,
          time: clock.now(),
          correlationId: `request-of-${id}`,
          causationId: null,
          data,
        }),
      );
      return id;
    },
    /** The answer to the command of this message id. */
    answerTo: (id: string): Promise<Told> =>
      eventually(() => {
        const answer = told.find(({ causationId }) => causationId === id);
        if (!answer) throw new Error(`No answer to ${id} yet.`);
        return answer;
      }),
    stockOf: async (variantId: string): Promise<{ onHand: number; reserved: number }> => {
      const [row] = await sql<{ onHand: number; reserved: number }[]>`
        select on_hand as "onHand", reserved from stock where variant_id = ${variantId}`;
      if (!row) throw new Error(`${variantId} has no stock row.`);
      return { onHand: row.onHand, reserved: row.reserved };
    },
    async stop() {
      await subgraph.stop();
      await bus.stop();
      await sql.end();
      await database.drop();
    },
  };
};

export type Shop = Awaited<ReturnType<typeof startShop>>;

const listen = async (bus: InProcessBus, told: Told[]): Promise<void> => {
  for (const contract of Object.values(productEvents)) await bus.consume(recorder(contract, told));
};

const recorder = (contract: Contract, told: Told[]) => {
  const { subject, handle } = on(contract, async ({ id, causationId, correlationId, data }: ReceivedEvent<unknown>) => {
    told.push({ type: contract.type, id, causationId, correlationId, data });
  });
  return {
    service: "test",
    subject,
    handle: (deliveries: readonly Delivery[]) => handle(deliveries, undefined),
  };
};

/** It runs beside everything. */
const isOfExpiryJob = (statement: string): boolean => /skip locked|^(begin|commit|rollback)/i.test(statement);

/** The data of a response that must have no errors. */
export const dataOf = async <T>(response: ReturnType<TestQuery>): Promise<T> => {
  const { data, errors } = await response;
  if (errors || !data) throw new Error(`Expected data, got ${JSON.stringify(errors)}.`);
  return data as T;
};

/** The codes of a response's errors. */
export const codesOf = async (response: ReturnType<TestQuery>): Promise<unknown[]> =>
  ((await response).errors ?? []).map(({ extensions }) => extensions?.code);
