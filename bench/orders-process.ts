import { createInProcessBus } from "../packages/messaging/src/index.ts";
import { silentLogger } from "../packages/service/src/index.ts";
import { migrateOrders, startOrdersSubgraph } from "../subgraphs/orders/src/server.ts";

/** The orders subgraph alone in a process, for the benchmark: a bus without anybody else, and usage on request. */

export type ToOrders = { readonly kind: "usage" } | { readonly kind: "stop" };

export type FromOrders =
  | { readonly kind: "started"; readonly origin: string }
  /** Since the last time it was asked. Statements are those of commands and consumers, not those of the relay. */
  | { readonly kind: "usage"; readonly cpuMs: number; readonly statements: number };

const { BENCH_DATABASE_URL: databaseUrl = "", BENCH_PUBLIC_KEYS: publicKeys = "" } = process.env;
const log = silentLogger();
const bus = createInProcessBus({ log });
let statements = 0;
await migrateOrders(databaseUrl);
const orders = await startOrdersSubgraph(
  {
    host: "127.0.0.1",
    port: 0,
    databaseUrl,
    routerPublicKeys: JSON.parse(publicKeys),
    logLevel: "silent",
    deadlinePollMs: 60_000,
  },
  {
    bus,
    log,
    onQuery() {
      statements += 1;
    },
  },
);
bus.open();

const tell = (message: FromOrders): void => void process.send?.(message);

let before = process.cpuUsage();
process.on("message", (message: ToOrders) => {
  if (message.kind === "usage") {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    tell({ kind: "usage", cpuMs: (user + system) / 1_000, statements });
    statements = 0;
    return;
  }
  void orders
    .stop()
    .then(() => bus.stop())
    .then(() => process.disconnect());
});
tell({ kind: "started", origin: new URL(orders.url).origin });
