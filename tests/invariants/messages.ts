import { z } from "zod";
import { subscriptions as ordersSubscriptions } from "../../subgraphs/orders/src/events.ts";
import { subscriptions as paymentsSubscriptions } from "../../subgraphs/payments/src/events.ts";
import { subscriptions as productsSubscriptions } from "../../subgraphs/products/src/events.ts";
import { type Queries, read, SUBGRAPHS, type Subgraph } from "./databases.ts";

/** A message whose effect a service that listens to it has not recorded. */
export interface Unhandled {
  readonly messageId: string;
  readonly subject: string;
  readonly by: Subgraph;
}

/** An event that led to the same message more than once. */
export interface RepeatedEffect {
  readonly causationId: string;
  readonly subject: string;
  readonly key: string;
  readonly times: number;
  readonly by: Subgraph;
}

export interface MessageWatch {
  /**
   * Notes what was sent since the last call. An outbox keeps a message for ten minutes after it was published: whoever
   * calls at least every five minutes misses none of a run that is longer.
   */
  note(): Promise<void>;
  /** Of all messages that were noted, and all that the outboxes hold now: those that are not handled. */
  findUnhandled(): Promise<Unhandled[]>;
  /**
   * Of the same messages: those that were sent twice because of one event. Handlers ignore what would do no good twice,
   * but who handles a command answers it, and two answers to one command are what handling it twice leaves behind.
   */
  findRepeated(): Promise<RepeatedEffect[]>;
}

const unused = (): never => {
  throw new Error("Only the subjects of the subscriptions are looked at.");
};

const SUBJECTS: Readonly<Record<Subgraph, ReadonlySet<string>>> = {
  users: new Set(),
  products: new Set(productsSubscriptions({ decideReservations: unused }).map(({ subject }) => subject)),
  orders: new Set(ordersSubscriptions({ tell: unused }).map(({ subject }) => subject)),
  payments: new Set(paymentsSubscriptions(unused).map(({ subject }) => subject)),
};

const HEARD = [...new Set(SUBGRAPHS.flatMap((name) => [...SUBJECTS[name]]))];

/** Ids of messages under one subject, as the database writes an array of text: they pass through here unread. */
const Sent = z.object({ subject: z.string(), ids: z.string() });
type Sent = z.output<typeof Sent>;

const Twice = z.object({ causationId: z.string(), subject: z.string(), key: z.string(), times: z.int() });

const MESSAGES_A_PART = 20_000;
/** Longer than any transaction lasts: what it appends is older than its commit. */
const OVERLAP_SECONDS = 120;

export const watchMessages = (databases: Queries): MessageWatch => {
  const noted: Sent[] = [];
  const notedUntil = new Map<Subgraph, string>();
  const repeated = new Map<string, RepeatedEffect>();

  const note = async (): Promise<void> => {
    for (const name of SUBGRAPHS) {
      const [clock] = await read(databases[name], z.object({ now: z.string() }), "select now()::text as now");
      noted.push(
        ...(await read(databases[name], Sent, SENT, [
          `{${HEARD.join(",")}}`,
          MESSAGES_A_PART,
          notedUntil.get(name) ?? "-infinity",
          OVERLAP_SECONDS,
        ])),
      );
      const twice = await read(databases[name], Twice, SENT_TWICE, [
        notedUntil.get(name) ?? "-infinity",
        OVERLAP_SECONDS,
      ]);
      for (const effect of twice) repeated.set(`${effect.causationId} ${effect.subject}`, { ...effect, by: name });
      if (clock) notedUntil.set(name, clock.now);
    }
  };

  return {
    note,
    async findUnhandled() {
      await note();
      const unhandled: Unhandled[] = [];
      for (const { subject, ids } of noted) {
        for (const by of SUBGRAPHS.filter((name) => SUBJECTS[name].has(subject))) {
          const rows = await read(databases[by], z.object({ id: z.string() }), NOT_IN_INBOX, [ids, subject]);
          for (const { id } of rows) unhandled.push({ messageId: id, subject, by });
        }
      }
      return unhandled;
    },
    async findRepeated() {
      await note();
      return [...repeated.values()];
    },
  };
};

const SENT = `
  select subject, array_agg(message_id)::text as ids from outbox
  where subject = any($1::text::text[]) and created_at > $3::text::timestamptz - make_interval(secs => $4)
  group by subject, position / $2::int`;

const SENT_TWICE = `
  select envelope ->> 'causationId' as "causationId", subject, key, count(*)::int as times from outbox
  where envelope ->> 'causationId' is not null and created_at > $1::text::timestamptz - make_interval(secs => $2)
  group by 1, 2, 3 having count(*) > 1`;

const NOT_IN_INBOX = `
  select id from unnest($1::text::text[]) as id
  where not exists (select from inbox where consumer = $2 and message_id = id)`;
