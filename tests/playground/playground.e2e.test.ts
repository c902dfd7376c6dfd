import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildPlayground } from "../../scripts/playground-build.mjs";
import { launchBrowser, watchForProblems, whyNoBrowser } from "./browser.ts";
import { type FakeGraph, shopConfig, startFakeGraph } from "./fake-graph.ts";
import { assertAccessible, openOperation, openPlayground, playgroundJourney, resultShows, signIn } from "./journey.ts";

const reasonToSkip = whyNoBrowser();
if (reasonToSkip) process.stderr.write(`\n${reasonToSkip}\n\n`);

const ada = "Ada (customer)";
const run = "ControlOrMeta+Enter";

describe.skipIf(reasonToSkip)("the playground", () => {
  let browser: Browser;
  let graph: FakeGraph;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    await buildPlayground();
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    graph = await startFakeGraph();
    page = await newPage();
    problems = watchForProblems(page, graph.url);
  });
  afterEach(async () => {
    await page.context().close();
    await graph.stop();
  });

  const newPage = async (options: { colorScheme?: "light" | "dark"; width?: number } = {}): Promise<Page> => {
    const { colorScheme = "light", width = 1440 } = options;
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    context.setDefaultTimeout(15_000);
    return context.newPage();
  };

  it("is a way from signing in to data, by mouse and by keyboard alone", async () => {
    await playgroundJourney(page, graph.url, {
      title: "Fake shop",
      account: ada,
      operation: "Browse products",
      result: '"name": "Tent"',
    });
  });

  it("greets with the first starter operation and its variables, and comes back to the tabs that were left", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press(run);
    await resultShows(page, '"Stove"');

    await openOperation(page, "Who am I");
    await page.getByRole("tab", { name: "Me" }).waitFor();
    await expect.poll(() => page.evaluate('localStorage.getItem("graphiql:tabState")')).toContain("query Me");
    await page.reload();
    await page.getByRole("tab", { name: "Me" }).waitFor();
    expect(await page.getByRole("tab").count()).toBe(2);
    expect(problems).toEqual([]);
  });

  it("sends the session's token with every request, keeps it over a reload and out of the editors, and forgets it on sign-out", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await signIn(page, ada);
    await openOperation(page, "Who am I");
    await page.keyboard.press(run);
    await resultShows(page, "ada with token-1");

    await page.reload();
    await openOperation(page, "Who am I");
    await page.keyboard.press(run);
    await resultShows(page, "ada with token-1");
    expect(await page.evaluate("JSON.stringify(localStorage)")).not.toContain("Bearer");

    await page.getByRole("button", { name: `Signed in as ${ada}` }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await openOperation(page, "Who am I");
    await page.keyboard.press(run);
    await resultShows(page, '"me": null');
    expect(await page.evaluate("JSON.stringify(sessionStorage)")).not.toContain("token-1");
    expect(problems).toEqual([]);
  });

  it("lets an Authorization header that the user wrote win over the session's", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await signIn(page, ada);
    await signIn(page, ada);
    await openOperation(page, "Who am I");
    await page.getByRole("button", { name: "Headers" }).click();
    await page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden)").click();
    await page.keyboard.insertText('{ "Authorization": "Bearer token-1" }');
    await page.keyboard.press(run);
    await resultShows(page, "ada with token-1");
    expect(problems).toEqual([]);
  });

  it("says why a sign-in was refused, and stays signed in as before", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await signIn(page, ada);
    await page.getByRole("button", { name: /^Signed in as/ }).click();
    await page.getByRole("menuitemradio", { name: "Grace" }).click();

    const alert = page.getByRole("alert");
    await alert.getByText("Signing in as Grace (locked) failed").waitFor();
    await alert.getByText("This account is locked.").waitFor();
    await assertAccessible(page, "with a refused sign-in");
    await page.getByRole("button", { name: `Signed in as ${ada}` }).waitFor();
    await alert.getByRole("button", { name: "Dismiss" }).click();
    await alert.getByText("failed").waitFor({ state: "detached" });
    expect(problems).toEqual([]);
  });

  it("says when the session has expired, and signs in again from there", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await signIn(page, ada);
    graph.expireTokens();
    await openOperation(page, "Who am I");
    await page.keyboard.press(run);

    await page.getByRole("alert").getByText("Session expired, sign in again").waitFor();
    await resultShows(page, "The token has expired.");
    await page
      .getByRole("alert")
      .getByRole("button", { name: `Sign in as ${ada}` })
      .click();
    await page.getByRole("button", { name: `Signed in as ${ada}` }).waitFor();
    await page.getByRole("button", { name: /^Execute query/ }).click();
    await resultShows(page, "ada with token-2");
    expect(problems.filter((problem) => !problem.includes("401"))).toEqual([]);
  });

  it("says when the session has expired to who opens a stream, too", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await signIn(page, ada);
    graph.expireTokens();
    await openOperation(page, "Watch the stock");
    await page.keyboard.press(run);
    await page.getByRole("alert").getByText("Session expired, sign in again").waitFor();
    await resultShows(page, "The token has expired.");
    await page.getByRole("button", { name: /^Execute query/ }).waitFor();
  });

  it("completes what is being typed from the schema, and marks what the schema does not have", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await openOperation(page, "Who am I");
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.insertText("{ nosuchfield pro");
    await page.keyboard.press("Control+Space");
    await page.locator(".suggest-widget").getByText("products").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".graphiql-query-editor .squiggly-error").first().waitFor();
    expect(problems).toEqual([]);
  });

  it("loads the schema even when the remembered session has expired", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await signIn(page, ada);
    graph.expireTokens();
    await page.reload();
    await page.getByRole("alert").getByText("Session expired, sign in again").waitFor();
    await page.getByText(/^Schema loaded/).waitFor();
  });

  it("streams a subscription into the result until it is stopped", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await openOperation(page, "Watch the stock");
    await page.keyboard.press(run);
    await resultShows(page, /"stockChanged":\s\d+/);
    await page.getByText(/^Streaming · ([3-9]|\d{2,}) events$/).waitFor();
    expect(graph.openStreams()).toBe(1);

    await page.keyboard.press(run);
    await page.getByText(/^Stopped · \d+ events$/).waitFor();
    await expect.poll(() => graph.openStreams()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("stops a query that is not answered", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await openOperation(page, "Never answered");
    await page.keyboard.press(run);
    await page.getByText("Running…").waitFor();
    await page.getByRole("button", { name: /^Stop query/ }).click();
    await page.getByText("Stopped", { exact: true }).waitFor();
    await page.getByRole("button", { name: /^Execute query/ }).waitFor();
  });

  it("follows the system's theme until the user chooses one, and remembers the choice", async () => {
    const dark = await newPage({ colorScheme: "dark" });
    await openPlayground(dark, graph.url, "Fake shop");
    const background = () => dark.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const editorIsDark = () => dark.evaluate<boolean>('document.querySelector(".monaco-editor.vs-dark") !== null');
    const darkBackground = await background();
    await assertAccessible(dark, "in the system's dark theme");
    expect(await editorIsDark()).toBe(true);

    await dark.emulateMedia({ colorScheme: "light" });
    await expect.poll(background).not.toBe(darkBackground);
    await expect.poll(editorIsDark).toBe(false);

    await dark.getByRole("button", { name: "Theme: System" }).click();
    await dark.getByRole("menuitemradio", { name: "Dark" }).click();
    await dark.reload();
    await dark.getByRole("button", { name: "Theme: Dark" }).waitFor();
    expect(await background()).toBe(darkBackground);
    await dark.context().close();
  });

  it("explains its shortcuts in a dialog that opens and closes by keyboard", async () => {
    await openPlayground(page, graph.url, "Fake shop");
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await dialog.waitFor();
    await assertAccessible(page, "with its help open");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(problems).toEqual([]);
  });

  it("shows every control in a window of 900 pixels", async () => {
    const narrow = await newPage({ width: 900 });
    await openPlayground(narrow, graph.url, "Fake shop");
    await signIn(narrow, ada);
    for (const name of ["Open an operation", `Signed in as ${ada}`, "Theme: System", "Help and keyboard shortcuts"]) {
      const box = await narrow.getByRole("button", { name }).boundingBox();
      expect((box?.x ?? Number.NaN) + (box?.width ?? Number.NaN)).toBeLessThanOrEqual(900);
    }
    expect(await narrow.evaluate("document.documentElement.scrollWidth")).toBe(900);
    await narrow.context().close();
  });

  it.each([
    { failure: "is not JSON", config: "<html>", says: "something that is not JSON" },
    { failure: "lacks a title", config: { ...shopConfig, title: "" }, says: "title: expected text, got empty text" },
    {
      failure: "names an endpoint elsewhere",
      config: { ...shopConfig, endpoint: "https://example.com/graphql" },
      says: "on another origin",
    },
  ])("says what is wrong with a configuration that $failure, and can try again", async ({ config, says }) => {
    graph.config = config;
    await page.goto(graph.url);
    await page.getByRole("alert").getByText(says).waitFor();
    await assertAccessible(page, "without a configuration");

    graph.config = shopConfig;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Fake shop" }).waitFor();
    expect(problems).toEqual([]);
  });

  it("leaves the menus out that the configuration has nothing for", async () => {
    graph.config = { ...shopConfig, signIn: null, operations: [] };
    await openPlayground(page, graph.url, "Fake shop");
    expect(await page.getByRole("button", { name: "Sign in as" }).count()).toBe(0);
    expect(await page.getByRole("button", { name: "Open an operation" }).count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
