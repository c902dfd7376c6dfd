import MarkdownIt from "markdown-it";
import { describe, expect, it } from "vitest";
import { MAX_COMMENT_LENGTH, markdownReport, STICKY_MARKER } from "./markdown.ts";
import {
  approvalOf,
  aReport,
  at,
  findingsOfEveryCode,
  hint,
  hostileFindings,
  notice,
  options,
  removedField,
} from "./testing/reports.ts";

const draw = (...of: Parameters<typeof aReport>): string => markdownReport(aReport(...of), options());

describe("a pull request's comment", () => {
  it("begins with what it is found by again, then the verdict and the counts", () => {
    expect(draw([removedField(), hint(), notice()]).split("\n").slice(0, 9)).toEqual([
      "<!-- supergraph-schema-check -->",
      "## ❌ Schema check: blocked",
      "",
      "1 error that nobody has approved.",
      "",
      "| Errors | Warnings | Information | Approved |",
      "| :-: | :-: | :-: | :-: |",
      "| 1 | 1 | 1 | 0 |",
      "",
    ]);
    expect(STICKY_MARKER).toBe("<!-- supergraph-schema-check -->");
  });

  it("opens errors, folds the rest, and says what was compared", () => {
    const text = draw([removedField(), hint()]);
    expect(text).toContain(
      "<details open>\n<summary><b>Errors (1)</b></summary>\n\n#### A field was removed · `API_FIELD_REMOVED`",
    );
    expect(text).toContain("<details>\n<summary><b>Warnings (1)</b></summary>");
    expect(text).toMatch(
      /---\nCompared working tree with git:origin\/main\. Looked at 4 subgraphs, 83 types and 18 operations of 2 clients\.\n$/,
    );
  });

  it("shows a finding with its places, evidence, remedy, owners and fingerprint", () => {
    const { fingerprint } = aReport([removedField()]).findings[0] ?? {};
    expect(draw([removedField()])).toContain(
      [
        "- **`Product.price`** was removed.",
        "  - `subgraphs/products/schema.graphql:12:3 (base: git:origin/main)`",
        "  - storefront/ProductPage is affected",
        "  - → Keep it and mark it `@deprecated`.",
        `  - \`products\` (ask \`@catalog-team\`), fingerprint \`${fingerprint}\``,
      ].join("\n"),
    );
  });

  it("passes with a word where there is nothing to say", () => {
    const text = draw([]);
    expect(text).toContain("## ✅ Schema check: passes\n\nNothing was found.\n\n---\nCompared");
    expect(text).not.toContain("<details");
  });

  it("says who approved what, and how to approve the rest", () => {
    expect(draw([removedField()], { approvals: [approvalOf(removedField())] })).toContain(
      "  - ✔ Approved by `ada` until 2026-12-31: No client is left.",
    );
    expect(draw([removedField()])).toContain(
      '`npm run schema -- approve <fingerprint> --base git:origin/main --reason "…"`',
    );
    expect(draw([hint()])).not.toContain("schema -- approve");
  });

  it("links places to the file as it was checked, where it knows the repository", () => {
    const env = { GITHUB_SERVER_URL: "https://github.test", GITHUB_REPOSITORY: "org/repo", GITHUB_SHA: "a".repeat(40) };
    const report = aReport([hint({ locations: [at("a b(1).graphql:7:5"), at("c.graphql:1:1", "base")] })]);
    const text = markdownReport(report, options({ env }));
    expect(text).toContain(
      `  - [\`a b(1).graphql:7:5\`](https://github.test/org/repo/blob/${"a".repeat(40)}/a%20b%281%29.graphql#L7)\n  - \`c.graphql:1:1 (base: git:origin/main)\``,
    );
    for (const wrong of [{ GITHUB_SERVER_URL: "javascript:x" }, { GITHUB_REPOSITORY: "a)b" }, { GITHUB_SHA: "main" }])
      expect(markdownReport(report, options({ env: { ...env, ...wrong } }))).not.toContain("](");
  });

  it("never pings and never breaks out of its place, whatever findings say", () => {
    const text = draw(hostileFindings(), { base: "git:`@everyone`\n# x", head: "<img src=x>" });
    const tokens = new MarkdownIt({ html: true, linkify: true }).parse(text, {});
    const inline = tokens.flatMap(({ children }) => children ?? []);
    expect(inline.filter(({ type }) => ["image", "html_inline", "link_open", "s_open"].includes(type))).toEqual([]);
    expect(inline.filter(({ type, content }) => type === "text" && /@\w|#\d|[<>]/.test(content))).toEqual([]);
    const html = tokens.filter(({ type }) => type === "html_block").map(({ content }) => content.trim());
    expect(new Set(html)).toEqual(
      new Set([
        STICKY_MARKER,
        "<details open>\n<summary><b>Errors (5)</b></summary>",
        "<details>\n<summary><b>Warnings (5)</b></summary>",
        "</details>",
      ]),
    );
    expect(text).not.toMatch(/^\s*::|##\w*\[/m);
  });

  it("leaves out what only informs, then warnings, where it would be too long, and counts what it left out", () => {
    const many = (count: number, one: (index: number) => ReturnType<typeof hint>) =>
      Array.from({ length: count }, (_, at) => one(at));
    const errors = many(100, (index) => removedField({ coordinate: `Product.f${index}` }));
    const warnings = many(200, (index) => hint({ coordinate: `Order.w${index}` }));
    const infos = many(400, (index) => notice({ message: `Notice ${index}.` }));
    const text = draw([...infos, ...warnings, ...errors]);
    expect(text.length).toBeLessThanOrEqual(MAX_COMMENT_LENGTH);
    expect(text.length).toBeGreaterThan(MAX_COMMENT_LENGTH - 1_000);
    expect(text.match(/\*\*`Product\.f\d+`\*\*/g)).toHaveLength(100);
    const shownWarnings = text.match(/\*\*`Order\.w\d+`\*\*/g)?.length ?? 0;
    expect(shownWarnings).toBeGreaterThan(0);
    expect(text).toContain(`_${200 - shownWarnings} more not shown: a comment has no room for them._`);
    expect(text).toContain("_400 not shown: a comment has no room for them._");
    expect(text).toContain("| 100 | 200 | 400 | 0 |");
  });

  it("fits with findings of any length, and with one of every code", () => {
    const huge = removedField({
      message: "m ".repeat(100_000),
      coordinate: "C".repeat(100_000),
      details: Array.from({ length: 5_000 }, (_, index) => `${index} ${"d".repeat(5_000)}`),
    });
    expect(draw([huge]).length).toBeLessThanOrEqual(MAX_COMMENT_LENGTH);
    expect(draw([huge])).toContain("and 4980 more, which `--format json` tells");
    expect(draw(findingsOfEveryCode()).length).toBeLessThanOrEqual(MAX_COMMENT_LENGTH);
  });
});
