import { describe, expect, it } from "vitest";
import { chooseRows, parseOptions } from "./options.ts";

const parse = (...args: string[]) => parseOptions(args, 7);

describe("the options of the fault suite", () => {
  it("mean the short run with a new seed when there are none", () => {
    expect(parse()).toEqual({
      kind: "options",
      options: { seed: 7, rate: 10, minutes: null, rows: null, list: false, keep: false, json: null },
    });
  });

  it("take seed, rate, minutes, rows and files", () => {
    const given = parse(
      "--minutes",
      "20",
      "--rate",
      "300",
      "--seed",
      "42",
      "--rows",
      "broker, two",
      "--json",
      "r.json",
    );
    expect(given).toMatchObject({
      options: { seed: 42, rate: 300, minutes: 20, rows: ["broker", "two"], json: "r.json" },
    });
    expect(parse("--list", "--keep")).toMatchObject({ options: { list: true, keep: true } });
  });

  it.each([
    ["--seed", "x"],
    ["--seed", "1.5"],
    ["--seed", "-1"],
    ["--rate", "0"],
    ["--rate", "many"],
    ["--minutes", ""],
    ["--minutes", "100000"],
    ["--seeds", "1"],
    ["--rows"],
    ["20"],
  ])("are refused in one line: %s %s", (...args) => {
    const refused = parse(...args);
    if (refused.kind !== "message") throw new Error("It was taken.");
    expect(refused.isError).toBe(true);
    expect(refused.text).toMatch(/^error: [^\n]+$/);
  });

  it("are told by --help", () => {
    expect(parse("--help")).toMatchObject({ kind: "message", isError: false, text: expect.stringContaining("--rows") });
  });
});

describe("the rows to run", () => {
  const rows = [{ name: "broker killed" }, { name: "broker wiped" }, { name: "disk full" }];

  it("are all, or those that have one of the names in theirs", () => {
    expect(chooseRows(rows, null)).toEqual({ kind: "rows", rows });
    expect(chooseRows(rows, ["Disk", "wiped"])).toEqual({ kind: "rows", rows: [rows[1], rows[2]] });
  });

  it("must exist", () => {
    expect(chooseRows(rows, ["broker", "moon"])).toEqual({ kind: "unknown", name: "moon" });
  });
});
