import { Worker } from "node:worker_threads";
import { silentLogger } from "@supergraph/service";
import { afterEach, describe, expect, it } from "vitest";
import { librarySupergraph } from "../testing/library.ts";
import { openLocalPlanner } from "./local-planner.ts";
import type { Planner } from "./planner.ts";
import { openThreadPlanner } from "./thread-planner.ts";

const log = silentLogger();
let planner: Planner | undefined;
afterEach(async () => {
  await planner?.close();
  planner = undefined;
});

describe("a planner in a thread", () => {
  it("tells and plans what one in this thread does", async () => {
    planner = await openThreadPlanner(librarySupergraph(), { timeoutMs: 60_000, log });
    const local = openLocalPlanner(librarySupergraph());
    expect(planner.facts).toEqual(local.facts);
    for (const document of [
      "{ books { title stars } }",
      "query A($skip: Boolean!) { books { title stars @skip(if: $skip) } } query B { viewer }",
      'mutation { note(name: "a") }',
    ]) {
      const question = { document, operationName: document.startsWith("query A") ? "A" : "" };
      const answer = await planner.plan(question);
      expect(answer.kind).toBe("planned");
      expect(answer).toEqual(JSON.parse(JSON.stringify(await local.plan(question))));
    }
  });

  it("rejects for what cannot be planned at all, and goes on", async () => {
    planner = await openThreadPlanner(librarySupergraph(), { timeoutMs: 60_000, log });
    await expect(planner.plan({ document: "{ nothing }", operationName: "" })).rejects.toThrow("nothing");
    await expect(planner.plan({ document: "{ viewer }", operationName: "" })).resolves.toMatchObject({
      kind: "planned",
    });
  });

  it.each(["}", "type Query { a: Int }"])("refuses %j for a supergraph", async (sdl) => {
    await expect(openThreadPlanner(sdl, { timeoutMs: 60_000, log })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

describe("a planning thread that fails", () => {
  const start = () => new Worker(new URL("../testing/hanging-thread.mjs", import.meta.url));
  const ask = (document: string) => planner?.plan({ document, operationName: "" });
  const first = { kind: "planned", plan: { kind: "QueryPlan", answered: 1 } };

  it("costs the operation that takes too long, and is replaced for the others", async () => {
    planner = await openThreadPlanner("", { timeoutMs: 300, log, start });
    const answers = await Promise.all([ask("hang"), ask("a"), ask("hang"), ask("b")]);
    const refused = { kind: "refused", reason: "took too long" };
    expect(answers).toEqual([refused, first, refused, first]);
  });

  it("costs the operation on which it ends, and is replaced for the others", async () => {
    planner = await openThreadPlanner("", { timeoutMs: 60_000, log, start });
    const answers = await Promise.all([ask("die"), ask("a")]);
    expect(answers).toEqual([{ kind: "refused", reason: "too complex" }, first]);
  });

  it("refuses what would wait behind a thousand others", async () => {
    planner = await openThreadPlanner("", { timeoutMs: 60_000, log, start });
    const waiting = Array.from({ length: 1_001 }, () => ask("hang")?.catch(() => "closed"));
    expect(await ask("a")).toEqual({ kind: "refused", reason: "too many waiting" });
    await planner.close();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(["closed"]));
    await expect(ask("a")).rejects.toThrow("closed");
  });
});
