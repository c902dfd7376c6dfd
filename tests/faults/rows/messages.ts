import { randomUUID } from "node:crypto";
import { MESSAGE_ID, type Messages, type StoredMessage, withMessages } from "../messages.ts";
import type { Row, Subgraph, World } from "../model.ts";
import type { Random } from "../random.ts";
import { FaultDidNotHappen, happened, happens, seconds } from "./evidence.ts";
import { HEARD_BY } from "./provocations.ts";

const STREAMS = ["ORDERS", "PRODUCTS", "PAYMENTS"];
const REPEATED_AT_ONCE = 400;

/**
 * Messages of the last seconds come once more, some of them twice, in any order, under ids that the broker cannot know
 * them by, beside the traffic.
 */
export const duplicated: Row = {
  name: "duplicates and shuffles injected",
  shortSeconds: 6,
  async run({ system, random, seconds: budget, say }) {
    const until = performance.now() + budget * 500;
    const repeats = await withMessages(system.brokerUrl, async (messages) => {
      let count = 0;
      while (count === 0 || performance.now() < until) count += await repeatShuffled(messages, random);
      return count;
    });
    say(`${repeats} messages came again`);
  },
};

/** Resolves once all of them were delivered and handled. */
export const repeatShuffled = async (messages: Messages, random: Random): Promise<number> => {
  const latest = (await Promise.all(STREAMS.map((stream) => messages.latest(stream, REPEATED_AT_ONCE)))).flat();
  happened(latest.length > 0, "there was nothing to repeat");
  const again = random.shuffle([...latest, ...latest.filter(() => random.fraction() < 0.3)]);
  const sequences = new Map<string, number>();
  for (const { subject, headers, body } of again) {
    const sequence = await messages.publish({ subject, body, headers: { ...headers, [MESSAGE_ID]: randomUUID() } });
    sequences.set(subject, sequence);
  }
  await happens(
    async () => {
      const consumers = (await Promise.all(STREAMS.map((stream) => messages.consumers(stream)))).flat();
      return consumers.every(({ subject, handledUpTo }) => handledUpTo >= (sequences.get(subject) ?? 0));
    },
    "the repeated messages were not all delivered and handled",
    60_000,
  );
  return again.length;
};

type Listener = Exclude<Subgraph, "users">;
const LISTENERS: readonly Listener[] = ["products", "orders", "payments"];
const BURIED_WITHIN_MS = 60_000;

/**
 * What no handler can handle: no JSON, an envelope with something else in it, an answer about an order that nobody placed.
 * Each becomes a dead letter, except the last, which may also be ignored; neighbours are handled meanwhile.
 */
export const poisoned: Row = {
  name: "poison messages",
  shortSeconds: 10,
  async run(world) {
    await withMessages(world.system.brokerUrl, (messages) => poison(messages, world));
  },
};

const poison = async (messages: Messages, { say }: World): Promise<void> => {
  const marker = `poison-${randomUUID()}`;
  const lettersBefore = new Set((await messages.deadLetters()).map(({ message }) => message.envelope.id));
  const startedAt = performance.now();
  const sent: { readonly listener: Listener; readonly kind: string; readonly id: string }[] = [];
  for (const listener of LISTENERS) {
    const subject = HEARD_BY[listener];
    const garbage = `${marker}-garbage-${listener}`;
    const wrong = `${marker}-wrong-${listener}`;
    await messages.publish({ subject, headers: { [MESSAGE_ID]: garbage }, body: encode("\u0000 not an envelope") });
    await messages.publish({
      subject,
      headers: { [MESSAGE_ID]: wrong },
      body: envelope(subject, wrong, { no: "sense" }),
    });
    sent.push({ listener, kind: "garbage", id: garbage }, { listener, kind: "wrong data", id: wrong });
  }
  await messages.publish(await aboutNobodysOrder(messages, `${marker}-nobody`));

  const handledBefore = await handledBy(messages);
  const waiting = new Set(sent.map(({ id }) => id));
  const buriedAfter = new Map<string, number>();
  await happens(
    async () => {
      for (const { consumer, message, error, attempts } of await messages.deadLetters()) {
        const { id } = message.envelope;
        if (lettersBefore.has(id) || !waiting.delete(id)) continue;
        happened(error !== "", `the letter about ${id} of ${consumer} tells no error`);
        buriedAfter.set(`${id} after ${attempts} tries`, performance.now() - startedAt);
      }
      return waiting.size === 0;
    },
    `${[...waiting].join(", ")}: no dead letter`,
    BURIED_WITHIN_MS,
  );
  const handledMeanwhile = (await handledBy(messages)) - handledBefore;
  happened(handledMeanwhile > 0, "no neighbour of the poison messages was handled while they were tried");
  const slowest = Math.max(...buriedAfter.values());
  say(
    `${buriedAfter.size} dead letters, the last after ${seconds(slowest)}; ${handledMeanwhile} neighbours handled meanwhile`,
  );
};

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const envelope = (subject: string, id: string, data: unknown): Uint8Array =>
  encode(
    JSON.stringify({
      id,
      type: subject.replace(/\.v\d+$/, ""),
      version: 1,
      time: new Date().toISOString(),
      correlationId: id,
      causationId: null,
      data,
    }),
  );

/** A real answer, about an order and a reservation that do not exist. */
const aboutNobodysOrder = async (messages: Messages, id: string): Promise<Omit<StoredMessage, "sequence">> => {
  const subject = HEARD_BY.orders;
  const real = (await messages.latest("PRODUCTS", REPEATED_AT_ONCE)).find((message) => message.subject === subject);
  if (!real) throw new FaultDidNotHappen(`nothing was sent under ${subject}`);
  const text = new TextDecoder().decode(real.body);
  const changed = text.replaceAll(
    /\b(ord|res)_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g,
    (found) => `${found.slice(0, 5)}${"0".repeat(25)}`,
  );
  happened(changed !== text, `${text} names no order`);
  return { subject, headers: { [MESSAGE_ID]: id }, body: envelope(subject, id, JSON.parse(changed).data) };
};

const handledBy = async (messages: Messages): Promise<number> => {
  const consumers = (await Promise.all(STREAMS.map((stream) => messages.consumers(stream)))).flat();
  return consumers.reduce((sum, { handledUpTo }) => sum + handledUpTo, 0);
};
