import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Library, startLibrary } from "./testing/library.ts";

const playground = {
  title: "Library",
  endpoint: "/graphql",
  signIn: null,
  operations: [{ name: "Books", query: "{ books { id } }" }],
};

let folder: string;
let library: Library;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "playground-"));
  const dist = join(folder, "dist");
  await mkdir(join(dist, "assets", "inner"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(dist, "index.html"), "<!doctype html><title>Library</title>");
  await writeFile(join(dist, "assets", "index-abc123.js"), "export {};");
  await writeFile(join(dist, "assets", "inner", "style-1.css"), "a{}");
  await writeFile(join(dist, "assets", "font.woff2"), Buffer.from([0, 255, 128]));
  await writeFile(join(dist, "assets", ".hidden"), "secret");
  await symlink(join(folder, "secret.txt"), join(dist, "assets", "link.js"));
  library = await startLibrary({ playground, playgroundDirectory: dist });
});
afterAll(async () => {
  await library.stop();
  await rm(folder, { recursive: true });
});

/** `fetch` would tidy the path up. */
const rawGet = (path: string) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    httpRequest({ port: library.router.port, host: "127.0.0.1", path }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
    })
      .on("error", reject)
      .end();
  });

describe("the playground", () => {
  it("is served at / under a policy that lets it reach its own origin only", async () => {
    const response = await library.request("/", { headers: { accept: "text/html" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain(
      "connect-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:",
    );
    expect(policy).toContain("base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.text()).toContain("<title>Library</title>");
  });

  it("has its files cached for good, with their types", async () => {
    const types = {
      "/assets/index-abc123.js": "text/javascript; charset=utf-8",
      "/assets/inner/style-1.css": "text/css; charset=utf-8",
      "/assets/font.woff2": "font/woff2",
    };
    for (const [path, type] of Object.entries(types)) {
      const response = await library.request(path);
      expect([path, response.status, response.headers.get("content-type")]).toEqual([path, 200, type]);
      expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    }
    expect(new Uint8Array(await (await library.request("/assets/font.woff2")).arrayBuffer())).toEqual(
      new Uint8Array([0, 255, 128]),
    );
  });

  it("is not sent again to who has it", async () => {
    const etag = (await library.request("/")).headers.get("etag") ?? "";
    const again = await library.request("/", { headers: { "if-none-match": `"other", W/${etag}` } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect((await library.request("/", { headers: { "if-none-match": `"other"` } })).status).toBe(200);
  });

  it("answers HEAD without a body", async () => {
    const response = await library.request("/assets/index-abc123.js", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-length")).toBe("10");
    expect(await response.text()).toBe("");
  });

  it("is told what to offer", async () => {
    const response = await library.request("/playground/config.json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual(playground);
  });

  it("has no missing icon", async () => {
    expect((await library.request("/favicon.ico")).status).toBe(204);
  });

  it.each([
    "/assets/../../secret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/assets/..%5c..%5csecret.txt",
    "/assets/%252e%252e/secret.txt",
    "/assets//etc/passwd",
    "/assets/%00",
    "/assets/index-abc123.js%00.css",
    "/assets/%",
    "/assets/.hidden",
    "/assets/link.js",
    "/assets/inner",
    "/assets/",
    "/assets",
    "/../secret.txt",
    "/secret.txt",
    "//secret.txt",
    "/assets/missing.js",
  ])("does not serve %s", async (path) => {
    const { status, text } = await rawGet(path);
    expect([400, 404]).toContain(status);
    expect(text).not.toContain('secret"');
    expect(text).not.toMatch(/^secret|root:/);
  });

  it("refuses to be written to", async () => {
    expect((await library.request("/", { method: "POST" })).status).toBe(405);
    expect((await library.request("/assets/x.js", { method: "PUT" })).status).toBe(405);
  });
});

describe("a router without a playground", () => {
  it("answers 404 at / when it is off", async () => {
    const off = await startLibrary();
    expect((await off.request("/")).status).toBe(404);
    expect((await off.request("/playground/config.json")).status).toBe(404);
    await off.stop();
  });

  it("says how to build it when it is not built", async () => {
    const unbuilt = await startLibrary({ playground, playgroundDirectory: join(folder, "nowhere") });
    const response = await unbuilt.request("/");
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toContain("npm run build -w router/playground");
    await unbuilt.stop();
  });
});
