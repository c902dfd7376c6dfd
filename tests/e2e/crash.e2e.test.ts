import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { findNatsServer, stopLeftNatsServer } from "@supergraph/messaging/nats-server";
import { stopLeftPostgres } from "@supergraph/postgres/embedded";
import { CancelOrderDocument, PlaceOrderDocument, RegisterDocument } from "@supergraph/schema/operations";
import { eventually } from "@supergraph/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layout } from "../../embedded/src/layout.ts";
import { createRandom } from "../../embedded/src/seed/random.ts";
import { PORTS_AFTER_ROUTER } from "../../embedded/src/subgraphs.ts";
import { checkInvariants, takeBaseline } from "../invariants/check.ts";
import { type OpenedDatabases, openDatabases, SUBGRAPHS, type Subgraph } from "../invariants/databases.ts";
import { type JournalReader, openJournalReader } from "../invariants/journal.ts";
import { findMovement } from "../invariants/movement.ts";
import type { Acknowledged } from "../invariants/rules.ts";
import { fillCart, STOCKHOLM } from "./checkout.ts";
import { freePortRange } from "./shop.ts";
import { runStartCommand, type Started, signalGroup } from "./start-command.ts";

const hasNats = findNatsServer() !== null;
const buses = hasNats ? (["in-process", "nats"] as const) : (["in-process"] as const);
if (!hasNats) {
  process.stderr.write(
    "\nNOT TESTED: crashes with NATS JetStream, since there is no nats-server on the PATH (Debian: apt install nats-server).\n\n",
  );
}

const CUSTOMERS = 6;
const ORDERS_OF_EACH = 7;
/** Numbers of acknowledged orders at which everything is killed: drawn from these spans. */
const CRASHES = [
  [6, 12],
  [22, 30],
] as const;
const TOKENS = [
  "tok_approve",
  "tok_approve",
  "tok_decline_insufficient_funds",
  "tok_decline_card_expired",
  "tok_decline_suspected_fraud",
  "tok_action_required",
  "tok_slow",
  "tok_timeout_after_charge",
  "tok_error_once",
  "tok_webhook_twice",
  "tok_webhook_early",
] as const;

/** A restart under load, with all that it has to take up. */
const RECOVERY_MS = 60_000;

describe("a shop that is killed while customers buy", () => {
  it.concurrent.for(buses)(
    "owes nobody goods or money afterwards, and knows every order that it acknowledged (events over the %s bus)",
    { timeout: 180_000 },
    async (bus, { onTestFinished }) => {
      const random = createRandom(bus === "nats" ? 4 : 3);
      const shop = await startKillableShop(bus, onTestFinished);
      const variants = await variantsToBuy(shop.databases());
      const baseline = await takeBaseline(shop.databases().queries);
      const acknowledged: Acknowledged[] = [];
      const crashAt = CRASHES.map(([first, last]) => random.integer(first, last));

      const acknowledge = (order: Acknowledged): void => {
        acknowledged.push(order);
        if (crashAt[0] === undefined || acknowledged.length < crashAt[0] || shop.isCrashing()) return;
        // Once with its databases and its broker, once without: then these are orphans for the next start to adopt.
        shop.crash(crashAt.length % 2 === 0 ? "everything" : "the process");
        crashAt.shift();
      };

      await Promise.all(
        Array.from({ length: CUSTOMERS }, async (_, customer) => {
          const client = await register(shop.endpoint, customer);
          for (let number = 0; number < ORDERS_OF_EACH; number += 1) {
            const idempotencyKey = `${customer}-${number}`;
            const token = TOKENS[(customer * ORDERS_OF_EACH + number) % TOKENS.length] ?? "tok_approve";
            const variantId = random.pick(variants);
            const orderId = await buy(client, {
              idempotencyKey,
              token,
              variantId,
              isImpatient: random.integer(1, 4) === 1,
            });
            acknowledge({ idempotencyKey, orderId });
            if (random.integer(1, 4) === 1) await cancel(client, orderId);
          }
        }),
      );
      await shop.isUp();
      expect(crashAt).toEqual([]);

      const { journal } = shop;
      await eventually(async () => expect(await findMovement(shop.databases().queries, journal)).toEqual([]), {
        timeoutMs: RECOVERY_MS,
      });
      expect(acknowledged).toHaveLength(CUSTOMERS * ORDERS_OF_EACH);
      const sources = { databases: shop.databases().queries, journal };
      const findings = await checkInvariants(sources, {
        baseline,
        told: { acknowledged, refusedKeys: [], cancelledOrderIds: [] },
      });
      expect(findings.violations).toEqual([]);
      await shop.stop();
    },
  );
});

interface KillableShop {
  readonly endpoint: string;
  databases(): OpenedDatabases;
  readonly journal: JournalReader;
  /** SIGKILL, and at once a new start on the same folder. */
  crash(what: "everything" | "the process"): void;
  isCrashing(): boolean;
  /** Resolves once the latest start is done. */
  isUp(): Promise<void>;
  stop(): Promise<void>;
}

const Connections = z.object({ roles: z.record(z.enum(SUBGRAPHS), z.string()), port: z.int() });

/** What `npm start` runs, in a folder of its own. */
const startKillableShop = async (
  bus: "nats" | "in-process",
  /** Calls what it is given in reverse order. */
  onTestFinished: (step: () => Promise<void>) => void,
): Promise<KillableShop> => {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-crash-"));
  onTestFinished(async () => {
    // A test that failed in the middle leaves servers without their owner.
    await stopLeftPostgres(layout(directory).postgres);
    await stopLeftNatsServer(layout(directory).nats);
    await rm(directory, { recursive: true, force: true });
  });
  const port = await freePortRange(1 + PORTS_AFTER_ROUTER);
  const start = (): Started =>
    runStartCommand({ PORT: String(port), DATA_DIR: directory, BUS: bus, LOG_LEVEL: "warn" });

  let running = start();
  onTestFinished(async () => {
    if (running.process.exitCode === null && running.process.signalCode === null) signalGroup(running, "SIGKILL");
    await running.ended();
  });
  let databases: OpenedDatabases | undefined;
  let crashing = false;
  const up = async (): Promise<void> => {
    await running.until("Paste into the playground");
    await databases?.close();
    const text = await readFile(join(layout(directory).postgres, "connections.json"), "utf8");
    const { roles, port: databasePort } = Connections.parse(JSON.parse(text));
    const url = (name: Subgraph) => `postgres://${name}:${roles[name]}@127.0.0.1:${databasePort}/${name}`;
    databases = openDatabases({
      users: url("users"),
      products: url("products"),
      orders: url("orders"),
      payments: url("payments"),
    });
    crashing = false;
  };
  onTestFinished(async () => databases?.close());
  let isUp = up();
  await isUp;

  const opened = (): OpenedDatabases => {
    if (!databases) throw new Error("The shop has not started yet.");
    return databases;
  };
  const crashAndStart = async (killed: Started): Promise<void> => {
    await killed.ended();
    running = start();
    await up();
  };
  return {
    endpoint: `http://127.0.0.1:${port}/graphql`,
    databases: opened,
    journal: openJournalReader(join(layout(directory).provider, "journal.jsonl")),
    crash(what) {
      crashing = true;
      running.process.kill("SIGKILL");
      if (what === "everything") for (const pid of serversBelow(directory)) process.kill(pid, "SIGKILL");
      isUp = crashAndStart(running);
      // Told by isUp().
      isUp.catch(() => undefined);
    },
    isCrashing: () => crashing,
    isUp: () => isUp,
    async stop() {
      signalGroup(running, "SIGINT");
      expect(await running.ended()).toMatchObject({ code: 0 });
    },
  };
};

/** Databases and broker are no children that a signal to the group would reach: a terminal's Ctrl-C must not. */
const serversBelow = (directory: string): number[] => {
  const { postgres, nats } = layout(directory);
  return [join(postgres, "cluster", "postmaster.pid"), join(nats, "nats-server.pid")].flatMap((path) => {
    try {
      return [Number.parseInt(readFileSync(path, "utf8"), 10)];
    } catch {
      // Without NATS there is no broker.
      return [];
    }
  });
};

/** Some of which there is plenty, and some over which the customers will quarrel. */
const variantsToBuy = async ({ queries }: OpenedDatabases): Promise<string[]> => {
  const rows = await queries.products(`
    (select variant_id as id from stock join variants on id = variant_id join products on products.id = product_id
     where status = 'ACTIVE' and removed_at is null and on_hand > 50 order by variant_id limit 4)
    union all
    (select variant_id from stock join variants on id = variant_id join products on products.id = product_id
     where status = 'ACTIVE' and removed_at is null and on_hand between 2 and 4 order by variant_id limit 2)`);
  return z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => id);
};

const clientOf = (endpoint: string, token?: string): ApolloClient =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: endpoint, headers: token ? { authorization: `Bearer ${token}` } : {} }),
    defaultOptions: { query: { fetchPolicy: "no-cache", errorPolicy: "all" } },
  });

const register = async (endpoint: string, customer: number): Promise<ApolloClient> => {
  const { data } = await clientOf(endpoint).mutate({
    mutation: RegisterDocument,
    variables: { input: { email: `customer-${customer}@example.com`, password: "buys-through-crashes" } },
  });
  return clientOf(endpoint, data?.register.accessToken ?? "");
};

/** As a good client does it: the same request until it is answered. An impatient customer clicks twice. */
const buy = async (
  client: ApolloClient,
  {
    idempotencyKey,
    token,
    variantId,
    isImpatient,
  }: Readonly<Record<"idempotencyKey" | "token" | "variantId", string>> & { isImpatient: boolean },
): Promise<string> => {
  const expectedTotal = await eventually(() => fillCart(client, variantId), { timeoutMs: RECOVERY_MS });
  const place = () =>
    eventually(
      async () => {
        const { data } = await client.mutate({
          mutation: PlaceOrderDocument,
          variables: {
            input: { idempotencyKey, paymentMethodToken: token, expectedTotal, shippingAddress: STOCKHOLM },
          },
        });
        expect(data?.placeOrder.userErrors).toEqual([]);
        return data?.placeOrder.order?.id ?? "";
      },
      { timeoutMs: RECOVERY_MS },
    );
  const ids = await Promise.all(isImpatient ? [place(), place()] : [place()]);
  expect(new Set(ids).size).toBe(1);
  return ids[0] ?? "";
};

const cancel = (client: ApolloClient, id: string): Promise<void> =>
  eventually(
    async () => {
      const { data } = await client.mutate({
        mutation: CancelOrderDocument,
        variables: { input: { id, idempotencyKey: `cancel-${id}` } },
      });
      expect(["NOT_CANCELLABLE", undefined]).toContain(data?.cancelOrder.userErrors[0]?.code);
      expect(data?.cancelOrder).toBeDefined();
    },
    { timeoutMs: RECOVERY_MS },
  );
