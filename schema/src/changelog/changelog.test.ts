import { describe, expect, it } from "vitest";
import { type Finding, finding } from "../findings/finding.ts";
import type { Revision } from "../revisions/revision.ts";
import { changelogOf } from "./changelog.ts";
import { humanChangelog } from "./human.ts";
import { markdownChangelog } from "./markdown.ts";

const revision = (name: string, subgraphs: readonly string[]): Revision => ({
  name,
  subgraphs: subgraphs.map((one) => ({ name: one, url: `http://${one}/graphql`, path: `${one}.graphql`, sdl: "" })),
  operations: { operations: [], problems: [], traffic: null, trafficPath: "" },
  events: null,
});

const change = (message: string, facts: Partial<Finding>): Finding => ({
  ...finding("COMPOSITION_HINT", { message }),
  ...facts,
});

const removed = change("Book.isbn was removed.", {
  severity: "error",
  coordinate: "Book.isbn",
  subgraphs: ["books", "reviews"],
  locations: [{ path: "books.graphql", line: 3, column: 5, side: "base" }],
  details: ["web/Shelf is affected"],
});
const added = change("Book.title was added.", { severity: "info", coordinate: "Book.title", subgraphs: ["books"] });
const retyped = change("Book.pages may be null.", {
  severity: "warning",
  coordinate: "Book.pages",
  subgraphs: ["books"],
});
const general = change("Nobody owns this.", { severity: "info" });

const log = changelogOf(
  revision("git:main", ["books", "reviews", "old"]),
  revision("working tree", ["books", "reviews"]),
  [general, added, retyped, removed],
);

const shell = { isTerminal: false, width: 80, env: {} };

describe("a change log", () => {
  it("is grouped by the subgraphs concerned, in the order of the graph, removed ones and the whole graph last", () => {
    expect(log.sections.map(({ subgraph, status }) => [subgraph, status])).toEqual([
      ["books", "kept"],
      ["reviews", "kept"],
      ["old", "removed"],
      [null, "kept"],
    ]);
  });

  it("counts a change once, however many subgraphs it concerns", () => {
    expect(log.counts).toEqual({ breaking: 1, dangerous: 1, safe: 2 });
  });

  it("has no section for a subgraph of which there is nothing to tell", () => {
    const { sections } = changelogOf(revision("a", ["books", "reviews"]), revision("b", ["books", "reviews"]), [added]);
    expect(sections.map(({ subgraph }) => subgraph)).toEqual(["books"]);
  });

  it("tells people the worst first, with evidence and place", () => {
    expect(humanChangelog(log, shell)).toMatchInlineSnapshot(`
      "What changes from git:main to working tree

      books
        ✖ breaking  Book.isbn was removed.
                    web/Shelf is affected
                    books.graphql:3:5 (base)
                    also concerns reviews
        ▲ dangerous Book.pages may be null.
        ● safe      Book.title was added.

      reviews
        ✖ breaking  Book.isbn was removed.
                    web/Shelf is affected
                    books.graphql:3:5 (base)
                    also concerns books

      old

      the whole graph
        ● safe      Nobody owns this.

      1 breaking, 1 dangerous, 2 safe
      "
    `);
  });

  it("tells the same as Markdown that makes nothing of what others wrote", () => {
    const hostile = change("Book.`x` <img src=x> @everyone #1 was added.", { severity: "info", subgraphs: ["books"] });
    const text = markdownChangelog(changelogOf(revision("a", ["books"]), revision("b", ["books"]), [hostile, removed]));
    expect(text).not.toMatch(/(?<!`)<img|(?<!`)@everyone|(?<!`)#1/);
    expect(text).toMatchInlineSnapshot(`
      "## What changes from \`a\` to \`b\`

      1 breaking, 1 safe.

      ### \`books\`

      **Breaking**

      - \`Book.isbn\` was removed. (\`books.graphql:3:5 (base)\`)
        - web/Shelf is affected
        - also concerns \`reviews\`

      **Safe**

      - \`\` Book.\`x\` \`\` \`<img\` \`src=x>\` \`@everyone\` \`#1\` was added.

      ### \`reviews\`

      **Breaking**

      - \`Book.isbn\` was removed. (\`books.graphql:3:5 (base)\`)
        - web/Shelf is affected
        - also concerns \`books\`
      "
    `);
  });

  it("says so where nothing changed, and shows no control sequences of a terminal", () => {
    const same = changelogOf(revision("a", ["books"]), revision("b", ["books"]), []);
    expect(humanChangelog(same, shell)).toBe("What changes from a to b\n\nNothing that concerns anybody.\n");
    expect(markdownChangelog(same)).toContain("Nothing that concerns anybody.");
    const hostile = change("\u001b[2JGone", { subgraphs: ["books"] });
    const loud = changelogOf(revision("a", ["books"]), revision("b", ["books"]), [hostile]);
    expect(humanChangelog(loud, shell)).toContain("\\u001b[2JGone");
  });
});
