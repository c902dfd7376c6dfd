import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signIns } from "../../embedded/src/seed/people.ts";
import { buildPlayground } from "../../scripts/playground-build.mjs";
import { type Shop, startShop } from "../e2e/shop.ts";
import { launchBrowser, watchForProblems, whyNoBrowser } from "./browser.ts";
import { openOperation, openPlayground, playgroundJourney, resultShows } from "./journey.ts";

describe.skipIf(whyNoBrowser())("the playground of the whole supergraph", () => {
  let browser: Browser;
  let shop: Shop;
  let page: Page;

  beforeAll(async () => {
    await buildPlayground();
    [browser, shop] = await Promise.all([launchBrowser(), startShop({ bus: "in-process" })]);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await shop?.stop();
  });

  const origin = () => new URL(shop.endpoint).origin;

  it("lets a guest run the first operation as it stands", async () => {
    const problems = watchForProblems(page, origin());
    await openPlayground(page, origin(), "Supergraph");
    await openOperation(page, "Browse products");
    await page.keyboard.press("ControlOrMeta+Enter");
    await resultShows(page, "Tent");
    expect(problems).toEqual([]);
  });

  it("signs in as Ada and shows her orders, by mouse and by keyboard alone", async () => {
    await playgroundJourney(page, origin(), {
      title: "Supergraph",
      account: signIns.customer.label,
      operation: "My orders",
      result: "Ada Lindqvist",
    });
  });
});
