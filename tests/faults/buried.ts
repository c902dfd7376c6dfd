import { z } from "zod";
import { openNatsLetters } from "../../packages/messaging/src/nats/letters.ts";
import { type Queries, read, SUBGRAPHS } from "../invariants/databases.ts";

/**
 * Replays dead letters as people would after an outage: all whose messages a service did send, and nothing that the
 * suite injected. A message that was in a process's hands each time that the process was killed ends there.
 * @returns How many.
 * @throws when one of them cannot be replayed.
 */
export const replayBuried = async (brokerUrl: string, databases: Queries): Promise<number> => {
  const store = await openNatsLetters({ servers: brokerUrl });
  try {
    const letters = (await store.list()).filter(({ obstacle }) => obstacle === null);
    const sent = await findSent(
      databases,
      letters.map(({ letter }) => letter.message.envelope.id),
    );
    const real = letters.filter(({ letter }) => sent.has(letter.message.envelope.id));
    for (const stored of real) {
      const outcome = await store.replay(stored);
      if (outcome.kind !== "done") throw new Error(`The dead letter ${stored.id} is not replayed: ${outcome.reason}`);
    }
    return real.length;
  } finally {
    await store.close();
  }
};

const findSent = async (databases: Queries, ids: readonly string[]): Promise<ReadonlySet<string>> => {
  const sent = await Promise.all(
    SUBGRAPHS.map((name) =>
      read(
        databases[name],
        z.object({ id: z.string() }),
        "select message_id as id from outbox where message_id in (select jsonb_array_elements_text($1::text::jsonb))",
        [JSON.stringify(ids)],
      ),
    ),
  );
  return new Set(sent.flat().map(({ id }) => id));
};
