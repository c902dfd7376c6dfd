import { describe, expect, it } from "vitest";
import { githubReport } from "./github.ts";
import { approvalOf, aReport, at, hint, hostileFindings, notice, options, removedField } from "./testing/reports.ts";

const linesOf = (...of: Parameters<typeof aReport>): string[] =>
  githubReport(aReport(...of), options())
    .trimEnd()
    .split("\n");

describe("annotations of a pull request", () => {
  it("stand at the first place that is proposed, with the others in the message", () => {
    const fingerprint = aReport([hint()]).findings[0]?.fingerprint;
    expect(linesOf([hint()])[0]).toBe(
      "::warning file=subgraphs/orders/schema.graphql,line=7,col=5,title=COMPOSITION_HINT Order.total::" +
        "NEW_HINT: Order.total is not the same everywhere.%0Aat subgraphs/payments/schema.graphql:9:5" +
        `%0A→ Follow the message; it is composition's own.%0Aorders, payments%0AFingerprint, to approve it: ${fingerprint}`,
    );
  });

  it("name no file for what is only in the base, whose lines are not those that are proposed", () => {
    const [line = ""] = linesOf([removedField()]);
    expect(line).toMatch(/^::error title=API_FIELD_REMOVED Product\.price::Product\.price was removed\.%0Aat /);
    expect(line).toContain("at subgraphs/products/schema.graphql:12:3 (base: git:origin/main)%0A");
  });

  it("prefer a place that is proposed to a base's", () => {
    const both = removedField({ locations: [at("old.graphql:1:2", "base"), at("new.graphql:3:4")] });
    expect(linesOf([both])[0]).toMatch(/^::error file=new\.graphql,line=3,col=4,title=/);
  });

  it("are errors, warnings and notices; what is approved is a notice that says by whom", () => {
    const lines = linesOf([removedField(), hint(), notice()], { approvals: [approvalOf(removedField())] });
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["::warning", "::notice", "::notice", "Schema"]);
    expect(lines[2]).toContain("%0AApproved by ada until 2026-12-31: No client is left.");
  });

  it("are followed by one plain line with what it comes to", () => {
    expect(linesOf([removedField(), hint()]).at(-1)).toBe(
      "Schema check: blocked: 1 error that nobody has approved. Compared working tree with git:origin/main: 1 error, 1 warning.",
    );
    expect(linesOf([])).toEqual([
      "Schema check: passes: nothing was found. Compared working tree with git:origin/main: no findings.",
    ]);
  });

  it("escape what would end a property, a command or a line", () => {
    const [line = ""] = linesOf([
      removedField({ message: "50% a:b,c\nd", coordinate: "a,b:c%d", locations: [at("a,b%.graphql:1:1")] }),
    ]);
    expect(line).toMatch(
      /^::error file=a%2Cb%25\.graphql,line=1,col=1,title=API_FIELD_REMOVED a%2Cb%3Ac%25d::50%25 a:b,c%0Ad%0A/,
    );
  });

  it("are a line each and nobody else's commands, whatever findings say", () => {
    const findings = hostileFindings();
    const lines = linesOf(findings, { base: "git:x\n::set-output name=a::b" });
    expect(lines).toHaveLength(findings.length + 1);
    const commands = lines.slice(0, -1);
    expect(commands.filter((line) => !/^::(error|warning) [^:]*::[^\p{Cc}\u2028\u2029]*$/u.test(line))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^Schema check: /);
  });
});
