import { setTimeout as pause } from "node:timers/promises";
import { withMessages } from "../messages.ts";
import type { Row, System } from "../model.ts";
import { happened, happens } from "./evidence.ts";

/** Orders are taken without it. */
export const brokerKilled: Row = {
  name: "broker killed and restarted",
  shortSeconds: 6,
  async run({ system, traffic, random, seconds, say }) {
    const kills = 2;
    const before = await messagesIn(system);
    for (let kill = 0; kill < kills; kill += 1) {
      const meanwhile = traffic.measure();
      await system.broker.kill();
      await pause((seconds / kills) * random.integer(400, 700));
      const unreachable = await withMessages(system.brokerUrl, async () => "it answers").catch(() => "unreachable");
      happened(unreachable === "unreachable", "the broker answered after it was killed");
      const { acknowledged } = meanwhile.end();
      happened(acknowledged > 0, "no order was taken while the broker was down");
      say(`${acknowledged} orders were taken without a broker`);
      await system.broker.start();
      await pause((seconds / kills) * 300);
    }
    const after = await messagesIn(system);
    happened(after >= before, `the streams held ${before} messages before, and ${after} after`);
  },
};

/** Everything that was published and not handled is gone, and so is what the broker knew of who had handled what. */
export const brokerWiped: Row = {
  name: "broker's store wiped",
  shortSeconds: 4,
  async run({ system, seconds, say }) {
    const before = await messagesIn(system);
    happened(before > 0, "there was nothing to lose");
    const wipedAt = Date.now();
    await system.broker.wipe();
    await happens(
      () => withMessages(system.brokerUrl, async (messages) => (await messages.streams()).length > 0),
      "no service made its stream again",
    );
    const streams = await withMessages(system.brokerUrl, (messages) => messages.streams());
    const old = streams.filter(({ created }) => created.getTime() < wipedAt);
    happened(old.length === 0, `${old.map(({ name }) => name).join(", ")} outlived the wipe`);
    say(`${before} messages were lost`);
    await pause(seconds * 500);
  },
};

const messagesIn = (system: System): Promise<number> =>
  withMessages(system.brokerUrl, async (messages) =>
    (await messages.streams()).reduce((sum, { messages: count }) => sum + count, 0),
  );
