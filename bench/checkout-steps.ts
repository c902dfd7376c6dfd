import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { money, orderEvents, paymentEvents, productEvents } from "../packages/contracts/src/index.ts";
import { type Contract, createInProcessBus, type Message, newMessage } from "../packages/messaging/src/index.ts";
import { startEmbeddedPostgres } from "../packages/postgres/src/embedded.ts";
import { generateSigningKey, newId, silentLogger } from "../packages/service/src/index.ts";
import { migratePayments, startPaymentsSubgraph } from "../subgraphs/payments/src/server.ts";
import { seedProducts } from "../subgraphs/products/src/seed.ts";
import { migrateProducts, startProductsSubgraph } from "../subgraphs/products/src/server.ts";
import { API_KEY, type FromProvider, WEBHOOK_SECRET } from "./provider-process.ts";

/**
 * What the steps of a checkout cost behind the order: products reserves and commits, payments authorises and captures,
 * each with the database to itself and the next command sent on the answer to the last, `IN_FLIGHT` checkouts at a time.
 * CPU is that of this process (the subgraph, its bus and this loop), of its Postgres, and of the payment provider.
 * `DURABLE=0` takes the disk out of it. Figures of one run compare with each other only: alternate builds for a ratio.
 */
const CHECKOUTS = Number(process.env.CHECKOUTS ?? 5_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const IN_FLIGHT = Number(process.env.IN_FLIGHT ?? 200);
const LINES = Number(process.env.LINES ?? 2);
const VARIANTS = Number(process.env.VARIANTS ?? 100);
const STEPS = (process.env.STEPS ?? "products,payments").split(",");

const log = silentLogger();
const directory = await mkdtemp(join(tmpdir(), "supergraph-bench-"));
const durable = process.env.DURABLE !== "0";
const server = await startEmbeddedPostgres({ directory, databases: ["products", "payments"], durable });
const { publicJwks } = await generateSigningKey();

/** Seconds of CPU that Postgres has used, of all its processes. */
const postgresCpu = (): number => {
  const postmaster = readFileSync(join(directory, "cluster", "postmaster.pid"), "utf8").split("\n")[0] ?? "";
  const ticks = (pid: string, fields: readonly number[]) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return { parent: stat[1], sum: fields.reduce((sum, field) => sum + Number(stat[field]), 0) };
  };
  // Own time and that of children that ended; children that live.
  let sum = ticks(postmaster, [11, 12, 13, 14]).sum;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const process = ticks(pid, [11, 12]);
      if (process.parent === postmaster) sum += process.sum;
    } catch {
      // It ended meanwhile.
    }
  }
  return sum / 100;
};

const processCpu = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(stat[11]) + Number(stat[12])) / 100;
};

type Bus = ReturnType<typeof createInProcessBus>;

const sender =
  (bus: Bus) =>
  (contract: Contract, data: { orderId: string }): void => {
    const message = newMessage(contract, {
      id: newId("evt"),
      key: data.orderId,
      time: new Date(),
      correlationId: "bench",
      causationId: null,
      data,
    });
    void bus.publish(message);
  };

/** Runs `CHECKOUTS` checkouts through `steps`: the first is sent, each answer of a type sends the next, the last ends one. */
const drive = async (
  told: (listener: (message: Message) => void) => () => void,
  begin: (orderId: string) => void,
  next: Readonly<Record<string, ((orderId: string) => void) | "end">>,
): Promise<number> => {
  const from = performance.now();
  await new Promise<void>((resolve, reject) => {
    let begun = 0;
    let ended = 0;
    const beginOne = () => {
      if (begun === CHECKOUTS) return;
      begun += 1;
      begin(newId("ord"));
    };
    const stop = told(({ key, envelope }) => {
      const step = next[envelope.type];
      if (step === undefined) return reject(new Error(`Nobody expected ${JSON.stringify(envelope)}`));
      if (step !== "end") return step(key);
      ended += 1;
      beginOne();
      if (ended < CHECKOUTS) return;
      stop();
      resolve();
    });
    for (let n = 0; n < IN_FLIGHT; n += 1) beginOne();
  });
  return (performance.now() - from) / 1_000;
};

const measure = async (name: string, run: () => Promise<number>, provider: ChildProcess | null): Promise<void> => {
  await run();
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = {
      own: process.cpuUsage(),
      postgres: postgresCpu(),
      provider: processCpu(provider?.pid ?? process.pid),
    };
    const seconds = await run();
    const own = process.cpuUsage(before.own);
    const perCheckout = (cpuSeconds: number) => ((cpuSeconds * 1_000) / CHECKOUTS).toFixed(2);
    const ofProvider = provider ? processCpu(provider.pid ?? 0) - before.provider : 0;
    process.stdout.write(
      `${name}: ${(CHECKOUTS / seconds).toFixed(0)} checkouts/s, CPU ms a checkout: ` +
        `${perCheckout((own.user + own.system) / 1_000_000)} subgraph, ${perCheckout(postgresCpu() - before.postgres)} Postgres` +
        `${provider ? `, ${perCheckout(ofProvider)} provider` : ""}\n`,
    );
  }
};

const createBench = async (subject: string) => {
  const bus = createInProcessBus({ log });
  const listeners = new Set<(message: Message) => void>();
  await bus.tail([subject], (message) => {
    for (const listener of listeners) listener(message);
  });
  const told = (listener: (message: Message) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { bus, told, send: sender(bus) };
};

const service = { host: "127.0.0.1", port: 0, routerPublicKeys: publicJwks, logLevel: "silent" };

const benchProducts = async (): Promise<void> => {
  const url = server.urls.products;
  await migrateProducts(url);
  const variants = Array.from({ length: VARIANTS }, (_, n) => ({
    id: newId("var"),
    sku: `SKU-${n}`,
    title: "Mug",
    options: [],
    price: 1_000n,
    weightGrams: 100,
    onHand: 100_000_000,
  }));
  const mug = { id: newId("prd"), slug: "mug", title: "Mug", description: null, status: "ACTIVE" as const };
  await seedProducts(url, { categories: [], products: [{ ...mug, categoryIds: [], createdAt: new Date(), variants }] });
  const { bus, told, send } = await createBench("products.stock.>");
  const subgraph = await startProductsSubgraph({ ...service, databaseUrl: url }, { bus, log });
  bus.open();

  let turn = 0;
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const reservationOf = (orderId: string) => ({ orderId, reservationId: orderId.replace("ord", "rsv") });
  const reserve = (orderId: string) => {
    const lines = Array.from({ length: LINES }, () => {
      turn += 1;
      return { variantId: variants[turn % VARIANTS]?.id ?? "", quantity: 1 };
    });
    send(orderEvents.reserveStock, { ...reservationOf(orderId), ...{ lines, expiresAt } });
  };
  const next = {
    [productEvents.stockReserved.type]: (orderId: string) => send(orderEvents.commitStock, reservationOf(orderId)),
    [productEvents.stockCommitted.type]: "end" as const,
  };
  await measure("products", () => drive(told, reserve, next), null);
  await subgraph.stop();
  await bus.stop();
};

const benchPayments = async (): Promise<void> => {
  const url = server.urls.payments;
  await migratePayments(url);
  const provider = fork(fileURLToPath(new URL("provider-process.ts", import.meta.url)), [join(directory, "provider")], {
    execArgv: ["--conditions=supergraph-source", "--import", "tsx"],
  });
  const [{ providerUrl }] = (await once(provider, "message")) as [FromProvider];
  const { bus, told, send } = await createBench("payments.payment.>");
  const psp = { url: providerUrl, apiKey: API_KEY, webhookSecret: WEBHOOK_SECRET, timeoutMs: 10_000 };
  const subgraph = await startPaymentsSubgraph({ ...service, databaseUrl: url, psp }, { bus, log });
  provider.send({ webhookUrl: subgraph.url.replace("/graphql", "/webhooks/psp") });
  bus.open();

  const authorize = (orderId: string) => {
    const payment = { customerId: newId("usr"), amount: money(1_999n), paymentMethodToken: "tok_approve" };
    send(orderEvents.authorizePayment, { orderId, ...payment });
  };
  const next = {
    [paymentEvents.paymentAuthorized.type]: (orderId: string) => send(orderEvents.capturePayment, { orderId }),
    [paymentEvents.paymentCaptured.type]: "end" as const,
  };
  await measure("payments", () => drive(told, authorize, next), provider);
  await subgraph.stop();
  await bus.stop();
  provider.send({ stop: true });
  await once(provider, "exit");
};

try {
  if (STEPS.includes("products")) await benchProducts();
  if (STEPS.includes("payments")) await benchPayments();
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
