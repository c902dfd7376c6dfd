import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Library, startLibrary } from "./testing/library.ts";

let library: Library;
beforeAll(async () => {
  library = await startLibrary({ server: { compressFromBytes: 200 } });
});
afterAll(() => library.stop());

const LARGE = "{ books { id title sequel { id title } again: title andAgain: title } }";

/** Unlike fetch, which decompresses and does not tell. */
const ask = async (query: string, headers: Record<string, string>) => {
  const response = await request(`${library.router.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
  });
  const body = Buffer.from(await response.body.arrayBuffer());
  return { headers: response.headers, body };
};

describe("a large answer", () => {
  it.each([
    ["gzip", "gzip", gunzipSync],
    ["br", "br", brotliDecompressSync],
    ["gzip, deflate, br", "br", brotliDecompressSync],
    ["br;q=0.5, gzip;q=0.8", "gzip", gunzipSync],
    ["*", "br", brotliDecompressSync],
    ["br;q=0, *", "gzip", gunzipSync],
  ])("goes compressed to who accepts %s", async (accepted, encoding, decompress) => {
    const plain = await ask(LARGE, {});
    const { headers, body } = await ask(LARGE, { "accept-encoding": accepted });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(headers["content-length"]).toBe(String(body.length));
    expect(body.length).toBeLessThan(plain.body.length);
    expect(decompress(body).toString()).toBe(plain.body.toString());
  });

  it.each([
    undefined,
    "identity",
    "gzip;q=0",
    "deflate",
    "br;q=none",
  ])("goes as it is to who accepts %s", async (accepted) => {
    const { headers, body } = await ask(LARGE, accepted === undefined ? {} : { "accept-encoding": accepted });
    expect(headers["content-encoding"]).toBeUndefined();
    expect(JSON.parse(body.toString()).data.books).toHaveLength(3);
  });

  it("tells caches on what it depends", async () => {
    for (const accepted of ["gzip", "identity"])
      expect((await ask(LARGE, { "accept-encoding": accepted })).headers.vary).toBe("accept-encoding");
  });
});

it("leaves a small answer as it is", async () => {
  const { headers } = await ask("{ viewer }", { "accept-encoding": "gzip" });
  expect(headers["content-encoding"]).toBeUndefined();
});
