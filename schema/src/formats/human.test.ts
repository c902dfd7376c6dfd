import { describe, expect, it } from "vitest";
import { finding } from "../findings/finding.ts";
import { humanReport, renderFindings } from "./human.ts";
import { approvalOf, aReport, at, hint, hostileFindings, notice, options, removedField } from "./testing/reports.ts";

const linesOf = (text: string): string[] => text.split("\n");

describe("a finding, for people", () => {
  it("is a heading with code and meaning, the message, places to click, evidence, a remedy, and whom to ask", () => {
    const one = aReport([removedField()]).findings[0];
    expect(linesOf(humanReport(aReport([removedField()]), options())).slice(0, 12)).toEqual([
      "",
      "Errors (1)",
      "",
      "✖ A field was removed  API_FIELD_REMOVED",
      "  Operations that select it are refused as a whole, not only for this field.",
      "",
      "  Product.price was removed.",
      "    subgraphs/products/schema.graphql:12:3 (base: git:origin/main)",
      "    · storefront/ProductPage is affected",
      "    → Keep it and mark it `@deprecated`.",
      `    products (ask @catalog-team) · approve ${one?.fingerprint}`,
      "",
    ]);
  });

  it("names its coordinate where the message does not", () => {
    const named = (message: string, coordinate: string) =>
      linesOf(renderFindings([hint({ message, coordinate })], options().shell))[6];
    expect(named("It differs.", "Order.total")).toBe("  Order.total: It differs.");
    expect(named("Order.totals differ.", "Order.total")).toBe("  Order.total: Order.totals differ.");
    expect(named('The field "Order.total" differs.', "Order.total")).toBe('  The field "Order.total" differs.');
  });

  it("shares meaning and remedy with others of its code", () => {
    const text = humanReport(
      aReport([removedField(), removedField({ coordinate: "Product.name", message: "Product.name was removed." })]),
      options(),
    );
    expect(text.match(/Operations that select it/g)).toHaveLength(1);
    expect(text.match(/→/g)).toHaveLength(1);
    expect(text).toContain("Product.name was removed.");
  });

  it("has a remedy of its own where it differs from that of its neighbours", () => {
    const text = humanReport(
      aReport([removedField({ remedy: "This." }), removedField({ coordinate: "Product.name", remedy: "That." })]),
      options(),
    );
    expect(text).toContain("    → This.");
    expect(text).toContain("    → That.");
  });

  it("says how many details it leaves out, and where they are", () => {
    const details = Array.from({ length: 30 }, (_, index) => `storefront/Operation${index} is affected`);
    const text = humanReport(aReport([removedField({ details })]), options());
    expect(text).toContain("Operation19 is affected");
    expect(text).not.toContain("Operation20 is affected");
    expect(text).toContain("· and 10 more, which --format json tells");
  });

  it("says who approved it, until when and why", () => {
    const text = humanReport(aReport([removedField()], { approvals: [approvalOf(removedField())] }), options());
    expect(text).toContain("Approved (1)");
    expect(text).toContain("    ✔ Approved by ada until 2026-12-31: No client is left.");
    expect(text).not.toContain("· approve ");
    expect(text).not.toContain("→");
  });

  it("offers no approval of what nobody can approve", () => {
    const broken = finding("SUBGRAPH_SYNTAX_ERROR", { message: "Syntax Error.", locations: [at("a.graphql:1:1")] });
    const text = humanReport(aReport([broken, notice()]), options());
    expect(text).not.toContain("approve");
  });

  it("shows the coordinate of a findings in bold, once", () => {
    const shell = { isTerminal: true, width: 100, env: {} };
    const text = renderFindings(
      [removedField({ message: "Product.price was removed; Product.price is gone." })],
      shell,
    );
    expect(text).toContain("\u001b[1mProduct.price\u001b[22m was removed; Product.price is gone.");
  });
});

describe("a report, for people", () => {
  it("has what is worst nearest to its end, and the summary last", () => {
    const text = humanReport(aReport([removedField(), hint(), notice()]), options());
    const order = ["Information (1)", "Warnings (1)", "Errors (1)", "Blocked", "compared"].map((part) =>
      text.indexOf(part),
    );
    expect(order.every((position) => position >= 0)).toBe(true);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it("says in its summary what it comes to, what was compared, skipped, and how long it took", () => {
    const report = aReport([removedField(), hint(), notice()], {
      base: null,
      facts: {
        subgraphs: 4,
        types: 83,
        operations: 18,
        clients: 2,
        skipped: [
          { stage: "api", because: "there is no base to compare with" },
          { stage: "cost", because: "there is no base to compare with" },
        ],
      },
      timings: { read: 20, compose: 1210.4, plans: 400, api: 9 },
    });
    const text = humanReport(report, options());
    expect(linesOf(text.slice(text.indexOf("✖ Blocked")))).toEqual([
      "✖ Blocked: 1 error that nobody has approved.",
      "",
      "  found      1 error, 1 warning, 1 informational",
      "  compared   working tree, with nothing (no --base)",
      "  looked at  4 subgraphs, 83 types and 18 operations of 2 clients",
      "  skipped    api and cost: there is no base to compare with",
      "  took       1.64 s (compose 1.21 s, plans 400 ms)",
      "  approve    what is meant to be so:",
      `             npm run schema -- approve ${report.findings[0]?.fingerprint} --reason "…"`,
      "",
      "",
    ]);
  });

  it("quotes a base in what is to be copied, where a shell would take it for more than a word", () => {
    const text = humanReport(aReport([removedField()], { base: "git:it's;x" }), options());
    expect(text).toContain(" --base 'git:it'\\''s;x' --reason");
  });

  it("says that nothing was found, and in what", () => {
    expect(linesOf(humanReport(aReport([]), options()))).toEqual([
      "",
      "─".repeat(60),
      "✔ Passes: nothing was found.",
      "",
      "  compared   working tree with git:origin/main",
      "  looked at  4 subgraphs, 83 types and 18 operations of 2 clients",
      "  took       223 ms (compose 210 ms)",
      "",
      "",
    ]);
  });

  it("tells where it broke, and what it therefore has not looked at", () => {
    const report = aReport([finding("SATISFIABILITY_ERROR", { message: "User.email cannot be reached." })], {
      facts: {
        subgraphs: 2,
        types: 0,
        operations: 0,
        clients: 0,
        skipped: [{ stage: "api", because: "the proposed subgraphs cannot be composed and loaded" }],
      },
    });
    const text = humanReport(report, options());
    expect(text).toContain("✖ Broken: the subgraphs do not compose.");
    expect(text).toContain("skipped    hints and load: the subgraphs do not compose");
    expect(text).toContain("looked at  2 subgraphs and no operations of clients");
  });

  it("passes with warnings and approved errors, and says so", () => {
    const report = aReport([removedField(), hint()], { approvals: [approvalOf(removedField())] });
    expect(humanReport(report, options())).toContain("✔ Passes: nothing blocks; see 1 warning and 1 approved.");
  });

  it("fits into the width it is given, but for what cannot be broken", () => {
    const text = humanReport(aReport([removedField(), hint(), notice()]), {
      ...options(),
      shell: { isTerminal: false, width: 50, env: {} },
    });
    const tooLong = linesOf(text).filter((line) => line.length > 50);
    expect(tooLong.filter((line) => !/graphql:\d|npm run|[─]/.test(line))).toEqual([]);
  });
});

describe("colour", () => {
  const isColoured = (isTerminal: boolean, env: Record<string, string>): boolean =>
    humanReport(aReport([removedField()]), { ...options(), shell: { isTerminal, width: 80, env } }).includes("\u001b[");

  it("is for terminals", () => {
    expect(isColoured(true, {})).toBe(true);
    expect(isColoured(false, {})).toBe(false);
    expect(isColoured(true, { TERM: "dumb" })).toBe(false);
  });

  it("can be forced, and refused, which has the last word", () => {
    expect(isColoured(false, { FORCE_COLOR: "1" })).toBe(true);
    expect(isColoured(true, { FORCE_COLOR: "0" })).toBe(false);
    expect(isColoured(true, { NO_COLOR: "1" })).toBe(false);
    expect(isColoured(true, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(isColoured(true, { NO_COLOR: "" })).toBe(true);
  });

  it("changes nothing but the colour", () => {
    const report = aReport([removedField(), hint(), notice()]);
    const coloured = humanReport(report, { ...options(), shell: { isTerminal: true, width: 100, env: {} } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken away
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(humanReport(report, options()));
  });
});

it("gives a terminal nothing to obey, and a log no command, whatever findings say", () => {
  const text = humanReport(aReport(hostileFindings(), { base: "git:\u001b[2J\n::set-output::x" }), options());
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e\u200b\u2028\u2029]/u);
  expect(text).not.toMatch(/^\s*::|##\w*\[/m);
});

it("gives findings of a composition alone without what nobody has judged", () => {
  const text = renderFindings([removedField({ code: "SATISFIABILITY_ERROR" })], options().shell);
  expect(text).toContain("Product.price was removed.");
  expect(text).not.toContain("approve");
  expect(renderFindings([], options().shell)).toBe("");
});
