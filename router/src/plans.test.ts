import { afterEach, describe, expect, it } from "vitest";
import { type Library, type LibraryConfig, startLibrary } from "./testing/library.ts";

let library: Library | undefined;
afterEach(async () => {
  await library?.stop();
  library = undefined;
});

const start = async (config: LibraryConfig): Promise<Library> => {
  library = await startLibrary(config);
  return library;
};

const query = "{ books { title stars } }";
const headers = { "x-router-plan": "1" };

const reportOf = (text: string) =>
  (JSON.parse(text) as { extensions?: { queryPlan: { node: unknown; fetches: Record<string, unknown>[] } } })
    .extensions;

describe.each([true, false])("who asks for the plan (fast path: %s)", (fastPath) => {
  const server = { fastPath };

  it("sees it, and how long each fetch took, where everybody may", async () => {
    const { ask } = await start({ server, plans: { everybody: true } });
    const { text, data } = await ask(query, { headers });
    expect(data?.books).toHaveLength(3);
    const plan = reportOf(text)?.queryPlan;
    expect(plan?.node).toMatchObject({ kind: "Sequence", nodes: [{ kind: "Fetch", serviceName: "books" }, {}] });
    expect(plan?.fetches).toEqual(
      ["books", "reviews"].map((subgraph) => ({
        subgraph,
        startMs: expect.any(Number),
        durationMs: expect.any(Number),
        requestBytes: expect.any(Number),
        outcome: "answered",
      })),
    );
  });

  it("sees it with a token that has the scope, and is refused otherwise", async () => {
    const { ask, token } = await start({ server, plans: { scope: "operate" } });
    expect(await ask(query, { headers })).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: "UNAUTHENTICATED" } }],
    });
    const other = await token({ scope: "read" });
    expect(await ask(query, { headers, token: other })).toMatchObject({
      errors: [{ extensions: { code: "FORBIDDEN" } }],
    });
    const operator = await token({ scope: "read operate" });
    expect(reportOf((await ask(query, { headers, token: operator })).text)?.queryPlan.fetches).toHaveLength(2);
  });

  it("is told which fetch failed", async () => {
    const { ask } = await start({ server, plans: { everybody: true }, urls: { reviews: "http://127.0.0.1:9/" } });
    const { text } = await ask("{ books { title reviews { text } } }", { headers });
    expect(reportOf(text)?.queryPlan.fetches.map(({ outcome }) => outcome)).toEqual([
      "answered",
      "SUBGRAPH_UNAVAILABLE",
    ]);
    expect(text).not.toContain("127.0.0.1");
  });
});

it("is shown to nobody who does not ask", async () => {
  const { ask } = await start({ plans: { everybody: true } });
  expect((await ask(query)).text).not.toContain("extensions");
});
