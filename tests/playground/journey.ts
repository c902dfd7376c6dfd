import { strict as assert } from "node:assert";
import { eventually } from "@supergraph/testing";
import type { Page } from "playwright-core";
import { accessibilityFindings } from "./accessibility.ts";
import { watchForProblems } from "./browser.ts";

/** What a playground shows of the graph behind it. */
export interface Expectations {
  readonly title: string;
  /** Label of an account that can sign in. */
  readonly account: string;
  /** Name, in the menu, of a starter query that answers with data. */
  readonly operation: string;
  /** Text among the first screenful of that query's result. */
  readonly result: string;
}

/**
 * The way of someone who comes for the first time: sign in, run a starter query, read the result, in both themes; then
 * all of it again by keyboard alone. Fails on an accessibility fault, a request to another host, an answer of 400 or
 * more, and any error on the console.
 */
export async function playgroundJourney(page: Page, baseUrl: string, expectations: Expectations): Promise<void> {
  const problems = watchForProblems(page, baseUrl);
  await openPlayground(page, baseUrl, expectations.title);
  await assertAccessible(page, "as first seen");

  await signIn(page, expectations.account);
  await openOperation(page, expectations.operation);
  await page.keyboard.press("ControlOrMeta+Enter");
  await resultShows(page, expectations.result);

  for (const theme of ["Dark", "Light"]) {
    await chooseTheme(page, theme);
    await assertAccessible(page, `with a result, ${theme.toLowerCase()}`);
  }
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.locator(".graphiql-doc-explorer").getByText("All Schema Types").waitFor();
  await assertAccessible(page, "with the documentation open");

  await byKeyboardAlone(page, expectations);
  assert.deepEqual(problems, []);
}

/** Opens the page and waits until its editors and the schema are there. */
export async function openPlayground(page: Page, baseUrl: string, title: string): Promise<void> {
  await page.goto(baseUrl);
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  await isReady(page);
}

export async function signIn(page: Page, account: string): Promise<void> {
  await page.getByRole("button", { name: /^Sign(ed)? in as/ }).click();
  await page.getByRole("menuitemradio", { name: account, exact: true }).click();
  await page.getByRole("button", { name: `Signed in as ${account}`, exact: true }).waitFor();
}

/** Leaves the focus in the operation editor, as the menu does. */
export async function openOperation(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Open an operation" }).click();
  await page.getByRole("menuitem", { name }).click();
  await focusIsIn(page, ".graphiql-query-editor .monaco-editor");
}

/** Waits until the result pane shows `text`. In a pattern write spaces as `\s`: Monaco paints non-breaking ones. */
export async function resultShows(page: Page, text: string | RegExp): Promise<void> {
  await page.locator(".result-window .view-lines", { hasText: text }).waitFor();
}

export async function assertAccessible(page: Page, when: string): Promise<void> {
  assert.deepEqual(await accessibilityFindings(page), [], `accessibility of the playground ${when}`);
}

async function chooseTheme(page: Page, theme: string): Promise<void> {
  await page.getByRole("button", { name: /^Theme: / }).click();
  await page.getByRole("menuitemradio", { name: theme, exact: true }).click();
  await page.getByRole("button", { name: `Theme: ${theme}` }).waitFor();
  await page.getByRole("menu").waitFor({ state: "detached" });
}

async function byKeyboardAlone(page: Page, { account, operation, result }: Expectations): Promise<void> {
  const { keyboard } = page;
  await page.reload();
  await isReady(page);

  await keyboard.press("Tab");
  await focusIsOn(page, "Skip to the operation editor");

  await tabTo(page, `Signed in as ${account}`);
  await keyboard.press("Enter");
  await chooseFromMenu(page, "Sign out");
  await focusIsOn(page, "Sign in as");
  await keyboard.press("Enter");
  await chooseFromMenu(page, account);
  await focusIsOn(page, `Signed in as ${account}`);

  await tabTo(page, "Open an operation", "Shift+Tab");
  await keyboard.press("Enter");
  await chooseFromMenu(page, operation);
  await focusIsIn(page, ".graphiql-query-editor .monaco-editor");
  await keyboard.press("ControlOrMeta+Enter");
  await resultShows(page, result);

  await keyboard.press("Control+m");
  await page.getByText("Tab leaves the editor now").waitFor();
  await keyboard.press("Tab");
  await focusIsOn(page, "Execute query (Ctrl-Enter)");
}

async function isReady(page: Page): Promise<void> {
  await page.locator(".graphiql-query-editor .view-lines").waitFor();
  await page.getByText(/^Schema loaded/).waitFor();
}

/** Presses a key until the control of that name has the focus, as a keyboard user does. */
async function tabTo(page: Page, name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press(key);
    const focused = await focusedName(page);
    if (focused === name) return;
    seen.push(focused);
  }
  assert.fail(`${key} never reaches "${name}"; it goes through: ${seen.join(", ")}`);
}

async function chooseFromMenu(page: Page, name: string): Promise<void> {
  await page.getByRole("menu").waitFor();
  const seen: string[] = [];
  for (;;) {
    const focused = await focusedName(page);
    if (focused.startsWith(name)) return page.keyboard.press("Enter");
    seen.push(focused);
    await page.keyboard.press("ArrowDown");
    // The menu moves the focus a timer later: keys that come faster than a person's would all count from the same item.
    const why = `the menu has no "${name}"; it has: ${seen.join(", ")}`;
    await eventually(async () => assert.notEqual(await focusedName(page), focused, why));
  }
}

const focusedNameScript =
  '(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "").trim()';

const focusedName = (page: Page): Promise<string> => page.evaluate<string>(focusedNameScript);

async function focusIsOn(page: Page, name: string): Promise<void> {
  await eventually(async () => assert.equal(await focusedName(page), name));
}

async function focusIsIn(page: Page, selector: string): Promise<void> {
  // Asked anew each time: the page's strict policy forbids a condition that waits inside of it.
  const isInside = `document.activeElement?.closest(${JSON.stringify(selector)}) != null`;
  await eventually(async () => assert.ok(await page.evaluate(isInside), `the focus is not in ${selector}`));
}
