import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accessibilityFindings } from "../../../tests/playground/accessibility.ts";
import { launchBrowser, whyNoBrowser } from "../../../tests/playground/browser.ts";
import type { Changelog } from "../changelog/changelog.ts";
import { BOOKSHOP } from "../testing/bookshop.ts";
import { type GraphFolder, graphFiles, openGraphFolder } from "../testing/graph-folder.ts";
import type { GraphMap, MapCard, MapLink, MapSubgraph } from "./map.ts";
import { renderPage } from "./page.ts";

const HOSTILE = "</script><script>globalThis.hurt = true</script><img src=x onerror='globalThis.hurt = true'>";

const AFTER = {
  ...BOOKSHOP,
  books: BOOKSHOP.books
    .replace("  weight: Int!\n", "  weight: Int!\n  pages: Int\n")
    .replace("anything: [Item!]!", `anything(text: String = ${JSON.stringify(HOSTILE)}): [Item!]!`),
  reviews: BOOKSHOP.reviews.replace("stars: Float", ""),
};

const why = whyNoBrowser();
if (why !== null) process.stderr.write(`${why}\n`);

describe.skipIf(why !== null)("the page of a difference in a browser", () => {
  let browser: Browser;
  let folder: GraphFolder;
  let url: string;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
    folder = await openGraphFolder(BOOKSHOP);
    await folder.write({
      "operations/web/Shelf.graphql": "query Shelf { books(first: 5) { title reviews { author { name } } } }\n",
      "operations/web/Stars.graphql": "query Stars { books { title stars } }\n",
      "operations/app/Post.graphql": `query Post { latestReviews { book { postage(country: ${JSON.stringify(HOSTILE)}) } } }\n`,
    });
    await folder.commit("As it was");
    await folder.write(graphFiles(AFTER));
    const path = join(folder.path, "page.html");
    const { code, err } = await folder.run(["diff", "git:main", "--html", path, "--operation", "Shelf"]);
    if (code !== 0) throw new Error(err);
    url = pathToFileURL(path).href;
  });
  afterAll(async () => {
    await browser?.close();
    await folder?.remove();
  });

  const open = async (options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
    context.setDefaultTimeout(15_000);
    const opened = await context.newPage();
    problems = [];
    opened.on("request", (request) => {
      if (request.url().split("#")[0] !== url) problems.push(`request: ${request.url()}`);
    });
    opened.on("console", (message) => problems.push(`console: ${message.text()}`));
    opened.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
    await opened.goto(url);
    return opened;
  };

  beforeEach(async () => {
    page = await open();
  });
  afterEach(async () => {
    await page.context().close();
    expect(problems).toEqual([]);
  });

  const shownWays = (): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll(".path")].flatMap((way) =>
      getComputedStyle(way).display === "none" ? [] : way.querySelector("title").textContent)`);

  const focused = (): Promise<string> =>
    page.evaluate(`document.activeElement.querySelector(".spoken")?.textContent ?? document.activeElement.id`);

  const focusedEntry = async (): Promise<string> => {
    await page.waitForFunction('document.activeElement.tagName === "LI"');
    return page.evaluate("document.activeElement.textContent");
  };

  it.each([
    "light",
    "dark",
  ] as const)("has nothing that axe would complain of in %s, folded or unfolded", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
    expect(await accessibilityFindings(page)).toEqual([]);
  });

  it("asks for nothing and runs nothing that others wrote", async () => {
    expect(await page.evaluate("globalThis.hurt")).toBeUndefined();
    expect(await page.locator("img, iframe").count()).toBe(0);
    expect(await page.locator("body").innerText()).toContain("git:main");
    expect(await readFile(new URL(url), "utf8")).toContain("default-src 'none'");
  });

  it("shows the chosen operation's way at first, another one's when it is opened, none on demand", async () => {
    expect(await shownWays()).toEqual(["web/Shelf"]);
    await page.locator(".operation summary", { hasText: "app/Post" }).click();
    expect(await shownWays()).toEqual(["app/Post"]);
    await page.getByRole("button", { name: "Show no operation" }).click();
    expect(await shownWays()).toEqual([]);
  });

  it("shows the way that its address names rather than the one that was chosen when it was written", async () => {
    const post = await page.locator(".operation", { hasText: "app/Post" }).getAttribute("data-path");
    await page.goto(`${url}#${post}`);
    await page.reload();
    expect(await shownWays()).toEqual(["app/Post"]);
  });

  it("finds by a filter what it shows on the map and in the lists", async () => {
    await page.getByRole("searchbox", { name: "Filter" }).fill("reader");
    const left = await page
      .locator(".card:not(.off)")
      .evaluateAll((cards) => cards.map((card) => card.querySelector(".spoken")?.textContent));
    expect(left.length).toBeGreaterThan(0);
    expect(left.every((label) => /reader/i.test(label ?? ""))).toBe(true);
    expect(await page.locator("output").innerText()).toMatch(new RegExp(`^${left.length} of \\d+ on the map$`));
    await page.getByRole("searchbox", { name: "Filter" }).press("Enter");
    expect(await focused()).toBe(left[0]);
    await page.getByRole("searchbox", { name: "Filter" }).fill("");
    expect(await page.locator(".off").count()).toBe(0);
  });

  it("is gone through by the keyboard: from card to card by arrows, from a card to its type", async () => {
    await page.locator(".cards .card", { hasText: "Book of books" }).focus();
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toMatch(/^Map of books/);
    await page.keyboard.press("ArrowUp");
    expect(await focused()).toMatch(/^Book of books/);
    await page.keyboard.press("Enter");
    expect(await focusedEntry()).toMatch(/Book\s+entity, by id or isbn/);
    await page.keyboard.press("/");
    expect(await focused()).toBe("filter");
  });

  it("leads from a change to the type that it is about", async () => {
    await page.locator(".change a", { hasText: "Book.pages" }).click();
    expect(await focusedEntry()).toMatch(/Book[\s\S]*pages: Int/);
    await page.locator("li:focus h4 a").click();
    expect(await focused()).toMatch(/^Book of books/);
  });

  it("can be read and shows ways without its script", async () => {
    await page.context().close();
    page = await open({ javaScriptEnabled: false });
    expect(await page.getByText("Book.stars was removed.").first().isVisible()).toBe(true);
    expect(await page.locator("#filter").isVisible()).toBe(false);
    expect(await page.locator(".path.chosen").isVisible()).toBe(true);
    await page.locator(".operation summary", { hasText: "app/Post" }).click();
    await page.locator(".operation[open] a.show", { hasText: "Show" }).first().click();
    expect(new URL(page.url()).hash).toMatch(/^#op-\d+$/);
    expect(await page.locator(".path:target").isVisible()).toBe(true);
    expect(await page.locator(".path.chosen").isVisible()).toBe(false);
  });

  it("keeps its text large enough on a narrow screen, and does not scroll sideways but on the map", async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400);
    expect((await page.locator("#map").boundingBox())?.width).toBeGreaterThan(700);
  });
});

describe.skipIf(why !== null)("the page of a hundred subgraphs with a thousand types", () => {
  it("is drawn and filtered", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "page-")), "page.html");
    await writeFile(path, renderPage({ changelog: NO_CHANGES, map: manySubgraphs(), operations: [], chosen: null }));
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(pathToFileURL(path).href);
    expect(await page.locator(".panel").count()).toBe(100);
    expect(await page.locator(".types > li").count()).toBe(100 * 11);
    // What changed comes first.
    expect(await page.locator(".panel .subgraph").first().textContent()).toBe("service7");
    await page.getByRole("searchbox", { name: "Filter" }).fill("thing42");
    expect(
      await page
        .locator(".card:not(.off) .name")
        .evaluateAll((names) => [...new Set(names.map((one) => one.textContent))].sort()),
    ).toEqual(["Thing42"]);
    await browser.close();
    await rm(dirname(path), { recursive: true });
  });
});

const NO_CHANGES: Changelog = {
  base: "git:main",
  head: "working tree",
  sections: [],
  counts: { breaking: 0, dangerous: 0, safe: 0 },
};

/** A ring of entities, each extended by the next one's owner; the eighth subgraph has a new field. */
const manySubgraphs = (): GraphMap => {
  const subgraphs = Array.from({ length: 100 }, (_, at): MapSubgraph => {
    const status = at === 7 ? "changed" : "same";
    const fields = [{ name: "fresh", type: "Int", status: at === 7 ? ("added" as const) : ("same" as const) }];
    const card = (type: string, role: MapCard["role"]): MapCard => ({
      id: `s${at}-c-s${at}-${type}`,
      type,
      role,
      status,
      keys: role === "root" ? [] : ["id"],
      fields,
    });
    const [own, next] = [`Thing${at}`, `Thing${(at + 1) % 100}`];
    const types = [own, next, "Query", ...Array.from({ length: 8 }, (__, nth) => `Value${at}x${nth}`)];
    return {
      id: `s${at}`,
      name: `service${at}`,
      url: "http://localhost",
      status,
      cards: [card("Query", "root"), card(own, "home"), card(next, "extension")],
      refersTo: [],
      types: types.map((name) => ({
        id: `s${at}-${name}`,
        name,
        shape: "object",
        isEntity: name.startsWith("Thing"),
        isRoot: name === "Query",
        status: "same",
        keys: [],
        fields,
      })),
    };
  });
  const links = subgraphs.map((_, at): MapLink => {
    const next = `Thing${(at + 1) % 100}`;
    const home = `s${(at + 1) % 100}`;
    return { from: `${home}-c-${home}-${next}`, to: `s${at}-c-s${at}-${next}`, status: "same" };
  });
  return { subgraphs, links };
};
