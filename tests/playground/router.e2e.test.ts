import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AccessKey, createAccessKey, type Library, startLibrary } from "../../router/src/testing/library.ts";
import { buildPlayground, playgroundDist } from "../../scripts/playground-build.mjs";
import { launchBrowser, watchForProblems, whyNoBrowser } from "./browser.ts";
import { openOperation, openPlayground, playgroundJourney, resultShows, signIn } from "./journey.ts";

const reader = "A reader";

describe.skipIf(whyNoBrowser())("the playground as the router serves it", () => {
  let browser: Browser;
  let library: Library;
  let page: Page;

  beforeAll(async () => {
    await buildPlayground();
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** A library whose playground signs in with `token`. */
  const serve = (accessKey: AccessKey, token: string) =>
    startLibrary({
      accessKey,
      playgroundDirectory: playgroundDist,
      playground: {
        title: "Library",
        endpoint: "/graphql",
        signIn: {
          // This graph's `note` answers what it is given: here the token that signing in would issue.
          operation: "mutation SignIn($name: String) { note(name: $name) }",
          accounts: [{ label: reader, variables: { name: token } }],
          tokenPath: ["note"],
        },
        operations: [
          { name: "One book", query: "query OneBook($id: ID!) { book(id: $id) { title } }", variables: { id: "1" } },
          { name: "The catalogue", query: "query Catalogue { catalogue }" },
          { name: "Watch", query: "subscription Watch { endless { title } }" },
        ],
      },
    });

  beforeEach(async () => {
    const accessKey = await createAccessKey();
    library = await serve(accessKey, await accessKey.token());
    const context = await browser.newContext({ colorScheme: "dark", viewport: { width: 900, height: 700 } });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
  });
  afterEach(async () => {
    await page.context().close();
    await library.stop();
  });

  it("is a way from signing in to data, by mouse and by keyboard alone", async () => {
    await playgroundJourney(page, library.router.url, {
      title: "Library",
      account: reader,
      operation: "One book",
      result: '"title": "Dune"',
    });
  });

  it("reaches fields that need a session, which a guest is refused, and streams that can be stopped", async () => {
    await openPlayground(page, library.router.url, "Library");
    await openOperation(page, "The catalogue");
    await page.keyboard.press("ControlOrMeta+Enter");
    await resultShows(page, "UNAUTHENTICATED");
    expect(await page.getByText("Session expired").count()).toBe(0);

    const problems = watchForProblems(page, library.router.url);
    await signIn(page, reader);
    await openOperation(page, "The catalogue");
    await page.keyboard.press("ControlOrMeta+Enter");
    await resultShows(page, '"catalogue": 3');

    await openOperation(page, "Watch");
    await page.keyboard.press("ControlOrMeta+Enter");
    await resultShows(page, '"title": "Dune"');
    await page.getByText("Streaming · 1 event").waitFor();
    await page.keyboard.press("ControlOrMeta+Enter");
    await page.getByText("Stopped · 1 event").waitFor();
    await expect.poll(() => library.state.closed.has("endless")).toBe(true);
    expect(problems).toEqual([]);
  });

  it.each([
    "One book",
    "Watch",
  ])("says that the session has expired when the router refuses its token for %j", async (operation) => {
    await library.stop();
    library = await serve(library.accessKey, await library.token({}, -600));
    await openPlayground(page, library.router.url, "Library");
    await signIn(page, reader);
    await openOperation(page, operation);
    await page.keyboard.press("ControlOrMeta+Enter");
    await page.getByRole("alert").getByText("Session expired, sign in again").waitFor();
    await resultShows(page, "The access token has expired");
  });
});
