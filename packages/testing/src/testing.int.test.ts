import { createServer, type Server } from "node:http";
import { scopesOf } from "@supergraph/contracts";
import { createRequestVerifier, ROUTER_SIGNATURE_HEADER } from "@supergraph/service";
import postgres from "postgres";
import { afterEach, describe, expect, inject, it } from "vitest";
import { createTestDatabase } from "./database.ts";
import { createTestSigner, testViewer } from "./graphql-client.ts";

describe("a test database", () => {
  const query = async (url: string, text: string) => {
    const sql = postgres(url, { max: 1, fetch_types: false });
    try {
      return [...(await sql.unsafe(text))];
    } finally {
      await sql.end();
    }
  };

  const names = async () =>
    (await query(inject("postgresUrl"), "select datname from pg_database")).map((row) => row.datname);

  it("is migrated, belongs to a role of its own, and is gone with its role after drop", async () => {
    const { url, drop } = await createTestDatabase({
      migrate: async (it) => void (await query(it, "create table notes ()")),
    });
    await query(url, "select from notes");
    const { pathname, username } = new URL(url);
    expect(await query(url, "select rolsuper from pg_roles where rolname = current_user")).toEqual([
      { rolsuper: false },
    ]);
    await drop();
    expect(await names()).not.toContain(pathname.slice(1));
    expect(await query(inject("postgresUrl"), `select from pg_roles where rolname = '${username}'`)).toEqual([]);
  });

  it("leaves nothing behind when migrating fails", async () => {
    let name = "";
    const failing = createTestDatabase({
      async migrate(url) {
        name = new URL(url).pathname.slice(1);
        throw new Error("bad migration");
      },
    });
    await expect(failing).rejects.toThrow("bad migration");
    expect(name).not.toBe("");
    expect(await names()).not.toContain(name);
  });
});

describe("a test signer", () => {
  let server: Server | undefined;

  afterEach(() => void server?.close());

  const serve = async (answer: (body: string, signature: string) => Promise<string>): Promise<string> => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const signature = request.headers[ROUTER_SIGNATURE_HEADER];
      response.end(await answer(Buffer.concat(chunks).toString(), String(signature)));
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    const address = listening.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/graphql`;
  };

  it("asks as the router would: what it signs is verified with its public keys, viewer included", async () => {
    const signer = await createTestSigner();
    const verifier = createRequestVerifier({ subgraph: "orders", keys: signer.publicJwks });
    const url = await serve(async (body, signature) => {
      const verified = await verifier.verify({ signature, body });
      return JSON.stringify({ data: verified.kind === "verified" ? verified.caller.viewer : verified });
    });
    const viewer = testViewer({ roles: ["SUPPORT"] });
    expect(viewer.scopes).toEqual(scopesOf(["SUPPORT"]));
    expect(await signer.client(url, "orders")(viewer)("{ me { id } }")).toEqual({ data: viewer });
    expect(await signer.client(url, "orders")(null)("{ me { id } }")).toEqual({ data: null });
    expect(await signer.client(url, "users")(viewer)("{ me { id } }")).toMatchObject({ data: { kind: "refused" } });
  });

  it("rejects when the answer is no GraphQL response", async () => {
    const url = await serve(async () => "<h1>Bad gateway</h1>");
    const query = (await createTestSigner()).client(url, "orders")(null);
    await expect(query("{ me { id } }")).rejects.toThrow(/no GraphQL response: <h1>Bad gateway/);
  });
});
