import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { describe, expect, it } from "vitest";
import { codeSpan, markdownText } from "./markdown-text.ts";
import { HOSTILE } from "./testing/reports.ts";
import { plain } from "./text.ts";

const markdown = new MarkdownIt({ html: true, linkify: true });

/** What is seen of an entry of a list, and the kinds of what it is made of. */
const shown = (source: string): { text: string; prose: string; kinds: string[] } => {
  const tokens = markdown.parse(`- ${source}`, {});
  const inline = tokens.flatMap(({ children }) => children ?? []);
  return {
    text: inline.map(({ content }) => content).join(""),
    prose: inline.map(({ type, content }) => (type === "text" ? content : "")).join(""),
    kinds: [...new Set([...tokens.map(({ type }) => type), ...inline.map(({ type }) => type)])],
  };
};

const BLOCKS = [
  "bullet_list_open",
  "list_item_open",
  "paragraph_open",
  "inline",
  "paragraph_close",
  "list_item_close",
  "bullet_list_close",
];

describe("others' text as Markdown", () => {
  it("leaves prose alone, and sets coordinates as code", () => {
    expect(markdownText('Product.price was removed, "Query.products(first:)" too (see @key).')).toBe(
      '`Product.price` was removed, "`Query.products(first:)`" too (see `@key`).',
    );
    expect(markdownText("Keep it and mark it `@deprecated`; run `npm run schema -- explain`.")).toBe(
      "Keep it and mark it `@deprecated`; run `npm run schema -- explain`.",
    );
  });

  it("pings nobody and links nowhere", () => {
    expect(
      markdownText("ask @org/team or a@b.test, see #12, GH-3, https://evil.test, www.evil.test, 9f86d081884c"),
    ).toBe("ask `@org/team` or `a@b.test`, see `#12`, `GH-3`, `https://evil.test`, `www.evil.test`, `9f86d081884c`");
  });

  it.each([
    "- a",
    "+ a",
    "1. a",
    "2) a",
    "# a",
    "> a",
    "--- ",
    "===",
    "```",
    "~~~",
    "| a | b |",
    "<!-- a",
    "    a",
    "* * *",
  ])("makes no block of %j", (text) => {
    const { kinds, text: seen } = shown(markdownText(text));
    expect(kinds.filter((kind) => ![...BLOCKS, "text", "code_inline"].includes(kind))).toEqual([]);
    expect(seen).toBe(plain(text));
  });

  it.each(HOSTILE)("makes nothing but text and code of %j", (text) => {
    const { kinds, prose } = shown(markdownText(text));
    expect(kinds.filter((kind) => ![...BLOCKS, "text", "code_inline"].includes(kind))).toEqual([]);
    expect(prose).not.toMatch(/@\w|#\d|GH-\d/);
  });

  it("shows any text as it is, and makes nothing of it", { timeout: 60_000 }, () => {
    const nasty = fc.array(
      fc.oneof(
        fc.constantFrom(
          "`",
          "``",
          "*",
          "_",
          "[",
          "](",
          ")",
          "!",
          "<b>",
          "</details>",
          "@a",
          "#1",
          "&lt;",
          "\\",
          "|",
          "~~",
          "$",
          ":x:",
        ),
        fc.constantFrom(" ", "\n", "(", '"', ".", "- ", "1. ", "https://a.b", "Product.price", "a(b:)"),
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(nasty, (parts) => {
        const text = parts.join("");
        const { kinds, prose, text: seen } = shown(markdownText(text));
        expect(kinds.filter((kind) => ![...BLOCKS, "text", "code_inline"].includes(kind))).toEqual([]);
        expect(prose).not.toMatch(/@\w|#\d|[<>]/);
        expect(seen.replace(/[`\s]/g, "")).toBe(plain(text).replace(/[`\s]/g, ""));
      }),
      { numRuns: 2_000 },
    );
  });
});

it("spans code that has backticks of its own", () => {
  for (const text of ["a", "`", "a`b", "``a", "a```b`", "Query.`x`"])
    expect(markdown.parseInline(codeSpan(text), {})[0]?.children?.map(({ type, content }) => [type, content])).toEqual([
      ["code_inline", text],
    ]);
  expect(codeSpan("")).toBe("");
});
