import { startLoad } from "./load.ts";
import { CUSTOMERS, describeStart, HEALTHY_WITHIN_MS, seconds, type Trial, timed } from "./shop.ts";

/** Restarts all of it, and takes it down and up again: what was bought before stays. */
export const restarts: Trial = async (shop) => {
  const load = await startLoad(shop.url, CUSTOMERS);
  await load.untilAcknowledged(10);
  await load.stop();

  const restartMs = await timed(async () => {
    await shop.compose("restart");
    await shop.untilHealthy(HEALTHY_WITHIN_MS);
  });
  shop.say(`restarted in ${seconds(restartMs)}`);
  await shop.expectPurchase("after a restart of all");

  await shop.compose("down");
  const again = await shop.up();
  shop.say(`down and up: ${describeStart(again)}`);
  await shop.expectEnded(load, "are there for those who placed them, by the tokens that they had before");
  await shop.expectPurchase("after down and up");
  return { restartMs, again };
};
