import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "@supergraph/postgres";
import { withMessages } from "../messages.ts";
import type { Row } from "../model.ts";
import { repeatShuffled } from "./messages.ts";

/** Handles what it has handled before. */
export const withoutInbox: Row = {
  name: "build without inbox",
  shortSeconds: 8,
  broken: { off: "inbox", violation: /no event's effect is applied twice/ },
  async run({ system, random, seconds, say }) {
    await pause(seconds * 500);
    const repeats = await withMessages(system.brokerUrl, (messages) => repeatShuffled(messages, random));
    say(`${repeats} messages came again`);
    await pause(seconds * 500);
  },
};

/** Cancels, and keeps what it was given. */
export const withoutCompensation: Row = {
  name: "build without compensation",
  shortSeconds: 8,
  mix: { cancelled: 0.4, tokens: { tok_approve: 1, tok_decline_card_expired: 1 } },
  broken: { off: "compensation", violation: /a CANCELLED order holds no (stock|money)/ },
  async run({ seconds, say }) {
    await pause(seconds * 1_000);
    say("customers cancelled, and were declined");
  },
};

/** Promises what it does not have; the database is no longer asked either. */
export const withoutStockCheck: Row = {
  name: "build without the stock's CHECK",
  shortSeconds: 8,
  mix: { scarce: 0.9 },
  broken: { off: "stock", violation: /0 ≤ reserved ≤ on_hand/ },
  async run({ system, seconds, say }) {
    const database = openDatabase({ url: system.databaseUrls.products, schema: {}, applicationName: "faults", max: 1 });
    try {
      await database.sql`alter table stock drop constraint stock_reserved`;
    } finally {
      await database.close();
    }
    await pause(seconds * 1_000);
    say("customers bought more than there was");
  },
};
