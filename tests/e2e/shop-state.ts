import { readFile } from "node:fs/promises";
import { openDatabase } from "@supergraph/postgres";
import { z } from "zod";
import { subscriptions as ordersSubscriptions } from "../../subgraphs/orders/src/events.ts";
import { subscriptions as paymentsSubscriptions } from "../../subgraphs/payments/src/events.ts";
import { subscriptions as productsSubscriptions } from "../../subgraphs/products/src/events.ts";

export const SUBGRAPHS = ["users", "products", "orders", "payments"] as const;
export type Subgraph = (typeof SUBGRAPHS)[number];

/** Runs one SQL statement and answers its rows. */
export type Query = (sql: string) => Promise<readonly unknown[]>;

export interface ShopSources {
  readonly databases: Readonly<Record<Subgraph, Query>>;
  /** The sandbox provider's `journal.jsonl`. */
  readonly journal: string;
}

export interface OpenedDatabases {
  readonly queries: Readonly<Record<Subgraph, Query>>;
  /** Changes one database, shows `look` what it then holds, and takes the change back. */
  withChange<T>(
    subgraph: Subgraph,
    change: string,
    look: (queries: Readonly<Record<Subgraph, Query>>) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

/** Connections from outside, which see what is committed. */
export const openDatabases = (urls: Readonly<Record<Subgraph, string>>): OpenedDatabases => {
  const open = (name: Subgraph) => openDatabase({ url: urls[name], schema: {}, applicationName: "shop-state", max: 1 });
  const opened = {
    users: open("users"),
    products: open("products"),
    orders: open("orders"),
    payments: open("payments"),
  };
  const queryOf =
    ({ sql }: ReturnType<typeof open>): Query =>
    (text) =>
      sql.unsafe(text);
  const queries = {
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
          seen.push(await look({ ...queries, [subgraph]: (text: string) => tx.unsafe(text) }));
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

const Stock = z.object({
  variantId: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  /** By reservations that are held now. */
  held: z.int(),
  /** What there was before anybody bought or adjusted: it never changes. */
  origin: z.int(),
});

const Reservation = z.object({ id: z.string(), orderId: z.string(), state: z.string(), lines: z.string() });

const Order = z.object({
  id: z.string(),
  status: z.string(),
  totalMinor: z.int(),
  saga: z.string(),
  /** Its saga should have been looked at by now. */
  overdue: z.boolean(),
  timeline: z.array(z.string()),
  lines: z.string(),
  /** Idempotency keys that placed it. */
  placedBy: z.array(z.string()),
});

const Payment = z.object({
  orderId: z.string(),
  status: z.string(),
  providerPaymentId: z.string().nullable(),
  capturedMinor: z.int(),
  refundedMinor: z.int(),
  refundPendingMinor: z.int(),
});

const OutboxRow = z.object({ messageId: z.string(), subject: z.string(), published: z.boolean() });
const InboxRow = z.object({ consumer: z.string(), messageId: z.string() });

const JournalRecord = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("payment"),
    payment: z.object({
      id: z.string(),
      reference: z.string(),
      status: z.string(),
      authorizedMinor: z.int(),
      capturedMinor: z.int(),
      refundedMinor: z.int(),
    }),
    webhook: z.object({ id: z.string() }).nullable(),
  }),
  z.object({ kind: z.literal("erred") }),
  z.object({ kind: z.literal("delivered"), webhookId: z.string() }),
]);

type ProviderPayment = Extract<z.output<typeof JournalRecord>, { kind: "payment" }>["payment"] & {
  /** How often money was taken for it. */
  readonly captures: number;
};

/** All that four databases and the provider know of orders, goods, money and messages. */
export interface ShopState {
  readonly stock: readonly z.output<typeof Stock>[];
  readonly reservations: readonly z.output<typeof Reservation>[];
  readonly orders: readonly z.output<typeof Order>[];
  readonly payments: readonly z.output<typeof Payment>[];
  /** Ids of what is still to be asked of the provider. */
  readonly openOperations: readonly string[];
  readonly providerPayments: readonly ProviderPayment[];
  readonly undeliveredWebhooks: number;
  /** By message: the services that have not recorded its effect, of those that listen to it. */
  readonly messages: readonly (z.output<typeof OutboxRow> & { readonly unhandledBy: readonly Subgraph[] })[];
}

export const readShopState = async ({ databases, journal }: ShopSources): Promise<ShopState> => {
  const { products, orders, payments } = databases;
  return {
    stock: await read(products, Stock, STOCK),
    reservations: await read(products, Reservation, RESERVATIONS),
    orders: await read(orders, Order, ORDERS),
    payments: await read(payments, Payment, PAYMENTS),
    openOperations: (
      await read(payments, z.object({ id: z.string() }), "select id from operations where done_at is null")
    ).map(({ id }) => id),
    messages: await readMessages(databases),
    ...(await readJournal(journal)),
  };
};

const read = async <Row>(query: Query, schema: z.ZodType<Row>, sql: string): Promise<Row[]> =>
  z.array(schema).parse(await query(sql));

const STOCK = `
  select stock.variant_id as "variantId", on_hand as "onHand", reserved,
    coalesce(lines.held, 0)::int as held,
    (on_hand + coalesce(lines.sold, 0) - coalesce(adjusted.delta, 0))::int as origin
  from stock
  left join (
    select variant_id, sum(quantity) filter (where state = 'HELD') as held, sum(quantity) filter (where state = 'COMMITTED') as sold
    from reservation_lines join reservations on reservations.id = reservation_id group by variant_id
  ) lines on lines.variant_id = stock.variant_id
  left join (select variant_id, sum(delta) as delta from stock_adjustments group by variant_id) adjusted
    on adjusted.variant_id = stock.variant_id`;

const RESERVATIONS = `
  select id, order_id as "orderId", state, coalesce((
    select string_agg(variant_id || ' × ' || quantity, ', ' order by variant_id)
    from reservation_lines where reservation_id = reservations.id), '') as lines
  from reservations`;

const ORDERS = `
  select orders.id, status, total_minor::int as "totalMinor", sagas.state as saga,
    coalesce(deadline_at < now() - interval '10 seconds', false) as overdue,
    array(select status from order_events where order_id = orders.id order by version) as timeline,
    coalesce((
      select string_agg(variant_id || ' × ' || quantity, ', ' order by variant_id)
      from (select variant_id, sum(quantity) as quantity from order_lines where order_id = orders.id group by variant_id) merged
    ), '') as lines,
    array(select key from idempotency_keys where order_id = orders.id and created_at = placed_at) as "placedBy"
  from orders join sagas on sagas.order_id = orders.id`;

const PAYMENTS = `
  select order_id as "orderId", status, provider_payment_id as "providerPaymentId", captured_minor::int as "capturedMinor",
    refunded_minor::int as "refundedMinor", refund_pending_minor::int as "refundPendingMinor"
  from payments`;

const unused = (): never => {
  throw new Error("Only the subjects of the subscriptions are looked at.");
};

const SUBJECTS: Readonly<Record<Subgraph, ReadonlySet<string>>> = {
  users: new Set(),
  products: new Set(productsSubscriptions({ decideReservation: unused }).map(({ subject }) => subject)),
  orders: new Set(ordersSubscriptions(unused).map(({ subject }) => subject)),
  payments: new Set(paymentsSubscriptions(unused).map(({ subject }) => subject)),
};

const readMessages = async (databases: ShopSources["databases"]): Promise<ShopState["messages"]> => {
  const handled = new Map<Subgraph, ReadonlySet<string>>();
  // Outboxes first: what is handled meanwhile is then no false alarm, whereas a message could be new to the inboxes.
  const sent: z.output<typeof OutboxRow>[] = [];
  for (const name of SUBGRAPHS)
    sent.push(
      ...(await read(
        databases[name],
        OutboxRow,
        `select message_id as "messageId", subject, published_at is not null as published from outbox`,
      )),
    );
  for (const name of SUBGRAPHS) {
    if (SUBJECTS[name].size === 0) continue;
    const rows = await read(databases[name], InboxRow, `select consumer, message_id as "messageId" from inbox`);
    handled.set(name, new Set(rows.map(({ consumer, messageId }) => `${consumer} ${messageId}`)));
  }
  return sent.map((message) => ({
    ...message,
    unhandledBy: SUBGRAPHS.filter(
      (name) =>
        SUBJECTS[name].has(message.subject) && !handled.get(name)?.has(`${message.subject} ${message.messageId}`),
    ),
  }));
};

const readJournal = async (path: string): Promise<Pick<ShopState, "providerPayments" | "undeliveredWebhooks">> => {
  const text = await readFile(path, "utf8");
  // A last line without its line feed was being written.
  const lines = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1);
  const payments = new Map<string, ProviderPayment>();
  const webhooks = new Set<string>();
  for (const line of lines) {
    const record = JournalRecord.parse(JSON.parse(line));
    if (record.kind === "delivered") webhooks.delete(record.webhookId);
    if (record.kind !== "payment") continue;
    const { payment, webhook } = record;
    const before = payments.get(payment.id);
    const isCaptured = payment.status === "captured" && before?.status !== "captured";
    payments.set(payment.id, { ...payment, captures: (before?.captures ?? 0) + (isCaptured ? 1 : 0) });
    if (webhook) webhooks.add(webhook.id);
  }
  return { providerPayments: [...payments.values()], undeliveredWebhooks: webhooks.size };
};
