import { setTimeout as pause } from "node:timers/promises";
import type { Row } from "../model.ts";
import { happened, killed } from "./evidence.ts";

/** More than payments waits for an answer. */
const SLOW_MS = 2_500;

/**
 * The provider is slow on the line, answers late, never or with an error first, tells of one thing twice and of another
 * before it answers; then it is killed. What it did not answer was done all the same, or not.
 */
export const providerAstray: Row = {
  name: "payment provider slow, silent, repeating itself, killed",
  shortSeconds: 8,
  mix: {
    tokens: {
      tok_approve: 3,
      tok_slow: 1,
      tok_timeout_after_charge: 2,
      tok_error_once: 2,
      tok_webhook_twice: 2,
      tok_webhook_early: 2,
      tok_decline_card_expired: 1,
    },
  },
  async run({ system, traffic, seconds, say }) {
    const link = system.link("payments", "sandbox-provider");
    const service = system.service("sandbox-provider");
    const part = seconds * 250;
    await pause(part);
    const before = link.counts();
    link.latency(SLOW_MS);
    await pause(part);
    const after = link.counts();
    happened(after.connections > before.connections || after.bytes > before.bytes, "nobody asked the slow provider");
    link.heal();
    killed(service, await service.killAndHold());
    await pause(part);
    await service.start();
    await pause(part);
    say(
      `${traffic.stats().acknowledged} orders in all; the link was ${SLOW_MS} ms slow, then the provider dead, each for ${(part / 1_000).toFixed(0)} s`,
    );
  },
};
