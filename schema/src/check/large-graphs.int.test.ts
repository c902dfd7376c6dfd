import { describe, expect, it } from "vitest";
import { composeDocuments, parseSubgraphs } from "../composition/compose.ts";
import { composeErrorFindings, composeHintFindings } from "../composition/findings.ts";
import { isWorthAThread } from "../composition/threads.ts";
import type { Revision } from "../revisions/revision.ts";
import { graphFiles } from "../testing/graph-folder.ts";
import { check } from "./check.ts";
import { CheckSettings } from "./config.ts";
import { loadState, openState, parseState } from "./state.ts";

/** Makes any graph a large one, without making it another. */
const LARGE = `"""${"A long word on it. ".repeat(10_000)}"""`;

const revision = (name: string, subgraphs: Readonly<Record<string, string>>): Revision => ({
  name,
  subgraphs: Object.keys(subgraphs).map((subgraph, index) => {
    const text = graphFiles(subgraphs)[`${subgraph}.graphql`] ?? "";
    const sdl = index === 0 ? `${text}\n${LARGE}\nscalar Large` : text;
    return { name: subgraph, url: `http://${subgraph}/`, path: `${subgraph}.graphql`, sdl };
  }),
  operations: { operations: [], problems: [], traffic: null, trafficPath: "" },
  events: null,
});

const SOUND = {
  books: `type Query { book: Book item: Item @shareable } type Book @key(fields: "id") { id: ID! } interface Item { id: ID } type A implements Item @shareable { id: ID } type B implements Item { id: ID }`,
  reviews: `type Query { item: Item @shareable } type Book @key(fields: "id") { id: ID! stars: Int } interface Item { id: ID } type A implements Item @shareable { id: ID }`,
};

const UNSATISFIABLE = {
  books: "type Query { book: Book } type Book { title: String }",
  reviews: `type Query { latest: Book } type Book @shareable { stars: Int text: String }`,
};

/** As composed at once, in this thread. */
const atOnce = (of: Revision) => {
  const parsed = parseSubgraphs(of.subgraphs);
  if (parsed.kind === "failed") throw new Error("no GraphQL");
  return composeDocuments(parsed.subgraphs);
};

const parsedOf = (of: Revision) => {
  const parsed = parseState(of, "head");
  if (parsed.kind === "unparsed") throw new Error("no GraphQL");
  return parsed;
};

describe("a graph that is large enough for several threads", () => {
  it("is one", () => {
    expect(isWorthAThread(revision("head", SOUND).subgraphs)).toBe(true);
  });

  it("comes to what it comes to in one: the supergraph, and the hints of both halves of composing", async () => {
    const head = revision("head", SOUND);
    const composition = atOnce(head);
    if (composition.kind === "failed") throw new Error(JSON.stringify(composition.errors));
    const parsed = parsedOf(head);
    const state = await loadState(parsed, { cache: null });
    if (state.kind !== "servable") throw new Error(state.kind);
    expect(state.state.supergraphSdl).toBe(composition.supergraphSdl);
    const hints = composeHintFindings(composition.hints, parsed.definitions);
    expect(hints.map(({ code }) => code)).toContain("INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN");
    expect(state.findings).toEqual(hints);
  });

  it("is refused for what it is refused for in one, with the same places", async () => {
    const head = revision("head", UNSATISFIABLE);
    const composition = atOnce(head);
    if (composition.kind === "composed") throw new Error("It composes.");
    const parsed = parsedOf(head);
    const expected = composeErrorFindings(composition.errors, parsed.definitions);
    expect(expected.map(({ code }) => code)).toContain("SATISFIABILITY_ERROR");
    expect((await loadState(parsed, { cache: null })).findings).toEqual(expected);
  });

  it("composes beside what this thread does, as a base", async () => {
    const base = revision("base", SOUND);
    const aside = await openState(base, "base", { cache: null, aside: new AbortController().signal });
    const here = await openState(base, "base", { cache: null });
    expect(aside.kind).toBe("servable");
    expect(aside.kind === "servable" && aside.state.supergraphSdl).toBe(
      here.kind === "servable" && here.state.supergraphSdl,
    );
  });

  it("does not wait for a base that it will not be compared with, since it cannot be composed itself", async () => {
    const input = {
      head: revision("head", UNSATISFIABLE),
      base: revision("base", SOUND),
      config: CheckSettings.parse({}),
      approvals: [],
      committed: [],
      cache: null,
      now: new Date("2026-06-01T00:00:00Z"),
    };
    const report = await check(input);
    expect(report.verdict).toBe("broken");
    expect(report.facts.skipped.map(({ stage }) => stage)).toContain("api");
  });
});
