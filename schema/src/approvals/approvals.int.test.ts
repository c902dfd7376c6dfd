import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GraphFolder, graphFiles, openGraphFolder } from "../testing/graph-folder.ts";

const SDL = `type Query { book: Book } type Book { title: String pages: Int }`;
const OPERATION = { "operations/web/Pages.graphql": "query Pages { book { pages } }" };

let folder: GraphFolder;
beforeEach(async () => {
  folder = await openGraphFolder({ books: SDL });
  await folder.write(OPERATION);
  await folder.commit("before");
  await folder.write(graphFiles({ books: SDL.replace("pages: Int", "") }));
});
afterEach(() => folder.remove());

const AGAINST = ["--base", "git:HEAD", "--no-cache"];

interface Told {
  readonly code: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly approval: { readonly approver: string; readonly reason: string } | null;
  readonly locations: readonly { readonly path: string; readonly line: number }[];
}

const check = async (now = "2026-06-01T12:00:00Z"): Promise<{ code: number; findings: Told[] }> => {
  const { code, out, err } = await folder.run(["check", ...AGAINST, "--format", "json"], { now: () => new Date(now) });
  if (out === "") throw new Error(err);
  return { code, ...(JSON.parse(out) as { findings: Told[] }) };
};

const fingerprints = async (): Promise<string[]> =>
  (await check()).findings.filter(({ severity }) => severity === "error").map(({ fingerprint }) => fingerprint);

const approve = (...args: string[]) =>
  folder.run(["approve", ...args, ...AGAINST, "--reason", "Nobody reads it.", "--by", "Ada"]);

const approvals = (): Promise<string> => readFile(`${folder.path}/approvals.yaml`, "utf8");

describe("approving", () => {
  it("lets pass what blocked, and says who and why", async () => {
    expect((await check()).code).toBe(1);
    expect(await approve(...(await fingerprints()))).toMatchObject({
      code: 0,
      out: expect.stringContaining("2026-07-01 by Ada"),
    });
    const { code, findings } = await check();
    expect(code).toBe(0);
    const approved = findings.filter(({ approval }) => approval !== null);
    expect(approved.length).toBeGreaterThan(0);
    for (const { approval } of approved)
      expect(approval).toMatchObject({ approver: "Ada", reason: "Nobody reads it." });
  });

  it("holds to the end of its last day, and then says that it has expired", async () => {
    await approve(...(await fingerprints()), "--expires", "2026-06-10");
    expect((await check("2026-06-10T23:59:59Z")).code).toBe(0);
    const later = await check("2026-06-11T00:00:00Z");
    expect(later.code).toBe(1);
    expect(later.findings.map(({ code }) => code)).toContain("APPROVAL_EXPIRED");
  });

  it("approves one finding, not its like", async () => {
    const [first, ...others] = await fingerprints();
    await approve(first ?? "");
    const { findings } = await check();
    expect(others.length).toBeGreaterThan(0);
    for (const { fingerprint, approval } of findings) expect(approval === null).toBe(fingerprint !== first);
  });

  it("stays when the text moves, and not when the change becomes another", async () => {
    await approve(...(await fingerprints()));
    await folder.write(graphFiles({ books: `# Moved down.\n\n\n${SDL.replace("pages: Int", "")}` }));
    expect((await check()).code).toBe(0);
    await folder.write(graphFiles({ books: SDL.replace("title: String pages: Int", "pages: String") }));
    expect((await check()).code).toBe(1);
  });

  it("is reported once it approves nothing any more, and taken out by --prune, with what else is in the file kept", async () => {
    await folder.write({ "approvals.yaml": "# Ours.\n[]\n" });
    await approve(...(await fingerprints()));
    await folder.write(graphFiles({ books: SDL }));
    const { code, findings } = await check();
    expect(code).toBe(0);
    const unused = findings.filter((one) => one.code === "APPROVAL_UNUSED");
    expect(unused.length).toBeGreaterThan(0);
    expect(unused[0]?.locations).toMatchObject([{ path: "approvals.yaml", line: expect.any(Number) }]);
    expect((await folder.run(["approve", "--prune", ...AGAINST])).code).toBe(0);
    expect(await approvals()).not.toContain("fingerprint");
    expect(await approvals()).toContain("# Ours.");
  });

  it("does not take for unused what is only found by comparing, where nothing is compared", async () => {
    await approve(...(await fingerprints()));
    const { out } = await folder.run(["check", "--format", "json"]);
    expect((JSON.parse(out) as { findings: Told[] }).findings.map(({ code }) => code)).not.toContain("APPROVAL_UNUSED");
    await folder.run(["approve", "--prune"]);
    expect(await approvals()).toContain("fingerprint");
  });

  it("approves again what was approved, for longer, without a second entry", async () => {
    const all = await fingerprints();
    await approve(...all, "--expires", "1");
    await approve(...all, "--expires", "90");
    expect((await approvals()).match(/fingerprint:/g)).toHaveLength(all.length);
    expect(await approvals()).not.toContain("2026-06-02");
  });

  it.each([
    ["a fingerprint that is not there", ["000000000000"], /There is no finding 000000000000/],
    ["no fingerprint at all", [], /Nothing to approve/],
    ["a date that is none", ["000000000000", "--expires", "soon"], /expected a date/],
  ])("refuses %s", async (_, args, message) => {
    expect(await approve(...args)).toMatchObject({ code: 3, err: expect.stringMatching(message) });
  });

  it("refuses to go without a reason", async () => {
    const [first = ""] = await fingerprints();
    expect(await folder.run(["approve", first, ...AGAINST, "--by", "Ada"])).toMatchObject({
      code: 3,
      err: expect.stringContaining("--reason"),
    });
  });

  it("refuses what cannot compose, by command and by hand", async () => {
    await folder.write(graphFiles({ books: SDL.replace("title: String", "title: Text") }));
    const { code, findings } = await check();
    expect(code).toBe(2);
    const [broken] = findings;
    expect(await approve(broken?.fingerprint ?? "")).toMatchObject({
      code: 3,
      err: expect.stringContaining("cannot be approved"),
    });
    await folder.write({
      "approvals.yaml": `- fingerprint: ${broken?.fingerprint}\n  code: ${broken?.code}\n  reason: please\n  approver: Ada\n  expires: 2027-01-01\n`,
    });
    const again = await check();
    expect(again.code).toBe(2);
    expect(again.findings.map((one) => one.code)).toContain("APPROVAL_NOT_POSSIBLE");
  });

  it.each([
    [
      "- fingerprint: nonsense\n  code: A\n  reason: b\n  approver: c\n  expires: 2027-01-01\n",
      "approvals.yaml:1:16: 0.fingerprint: expected the 12 hexadecimal digits",
    ],
    ["- fingerprint: 000000000000\n  code: A\n  approver: c\n  expires: 2027-01-01\n", "0.reason"],
    [
      "- fingerprint: 000000000000\n  code: A\n  reason: b\n  approver: c\n  expires: 2027-13-01\n",
      "approvals.yaml:5:",
    ],
    ["- [", "approvals.yaml:1:"],
    ["fingerprint: 1", "expected array"],
  ])("tells where the file is wrong: %j", async (text, message) => {
    await folder.write({ "approvals.yaml": text });
    const { code, err } = await folder.run(["check", ...AGAINST]);
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining(message) });
  });
});
