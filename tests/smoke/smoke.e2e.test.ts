import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "../e2e/shop.ts";
import { runSmoke } from "./program.ts";

const smoke = async (...args: string[]) => {
  let out = "";
  let err = "";
  const code = await runSmoke(args, { out: (text) => (out += `${text}\n`), err: (text) => (err += `${text}\n`) });
  return { code, out, err };
};

describe("the smoke command", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ bus: "in-process" });
  });
  afterAll(() => shop?.stop());

  it("buys something through a whole shop, calls it off, and says in words what works", async () => {
    const { code, out, err } = await smoke("--url", shop.endpoint);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).not.toMatch(/✖|not tried/);
    expect(out).toContain("✔ Stock, payment and events bring it to PAID");
    expect(out).toContain("✔ It can be called off, and the money goes back");
    expect(out).toMatch(/All of it works at http/);
  });

  it("can be run again as the same customer, and tells programs as JSON", async () => {
    const args = [
      "--url",
      shop.endpoint,
      "--email",
      "smoke@example.com",
      "--password",
      "a password for the smoke test",
    ];
    const first = JSON.parse((await smoke(...args, "--json", "--keep")).out);
    const second = JSON.parse((await smoke(...args, "--json")).out);
    expect([first.ok, second.ok]).toEqual([true, true]);
    const seen = (report: typeof first, text: string) =>
      report.steps.find(({ works }: { works: string }) => works.includes(text)).seen;
    expect(seen(first, "registered")).toBe("smoke@example.com");
    expect(seen(second, "registered")).toBe("smoke@example.com was there");
    expect(seen(second, "sign in")).toBe(seen(first, "sign in"));
    expect(second.steps).toHaveLength(first.steps.length + 1);
  });

  it("says what does not work, tries nothing that needs it, and fails", async () => {
    await shop.supergraph.stop();
    const { code, out } = await smoke("--url", shop.endpoint);
    expect(code).toBe(1);
    expect(out).toMatch(/✖ The endpoint answers: it cannot be reached: .*ECONNREFUSED/);
    expect(out).toContain("· A guest finds something that can be bought (not tried)");
    expect(out).toContain("The first that does not: The endpoint answers.");
  });
});

describe("the smoke command, of an endpoint that is no shop", () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const serve = async (answer: string | null, status = 200): Promise<string> => {
    const server = createServer((_, response) => {
      if (answer !== null) response.writeHead(status).end(answer);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  };

  it("tells what came in place of GraphQL", async () => {
    const { code, out } = await smoke("--url", await serve("<h1>Bad gateway</h1>", 502));
    expect(code).toBe(1);
    expect(out).toContain("it answered HTTP 502 and no GraphQL: <h1>Bad gateway</h1>");
  });

  it("tells of an error by its code", async () => {
    const body = { errors: [{ message: "Come back later.", extensions: { code: "OVERLOADED" } }] };
    const { code, out } = await smoke("--url", await serve(JSON.stringify(body)));
    expect(code).toBe(1);
    expect(out).toContain("it answered OVERLOADED: Come back later.");
  });

  it("ends when its time is over, also where nothing is answered", async () => {
    const { code, out } = await smoke("--url", await serve(null), "--timeout", "1");
    expect(code).toBe(1);
    expect(out).toContain("the time is over");
  });

  it.each([
    [["--url", "127.0.0.1:4000"], /--url must be the URL/],
    [[], /--url must be the URL/],
    [["--url", "http://127.0.0.1:1/", "--timeout", "soon"], /--timeout must be seconds/],
    [["--url", "http://127.0.0.1:1/", "--email", "ada@example.com"], /go together/],
    [["--shop"], /Unknown option '--shop'/],
  ])("takes no command line that it does not understand: %s", async (args, expected) => {
    const { code, err } = await smoke(...args);
    expect(code).toBe(2);
    expect(err).toMatch(expected);
    expect(err).toContain("usage: npm run smoke");
  });
});
