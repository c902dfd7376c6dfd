import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { eventually } from "@supergraph/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type BadSubgraphs, startBadSubgraphs } from "./testing/bad-subgraphs.ts";
import { type SlowClients, startSlowClients } from "./testing/slow-clients.ts";

/**
 * Everything bad at once, on one router with half a gigabyte of heap, as a process of its own: whatever comes is answered
 * with a typed error in bounded time and memory, and the process goes on.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
const HEAP_MB = 512;
/** What the process may have had in memory at most: its heap, and what is outside of it. */
const MAX_RSS_MB = 800;
/** Far longer than anything here may take. */
const ANSWERED_WITHIN_MS = 20_000;
const MAX_BODY_BYTES = 6_000_000;
const SUBGRAPH_TIMEOUT_MS = 1_000;
const BOMB = gzipSync(Buffer.alloc(100_000_000, " "));

let subgraphs: BadSubgraphs;
let directory: string;
let router: ChildProcess;
let port: number;
let output = "";
/** They are there all the time. */
let slow: { readonly headers: SlowClients; readonly bodies: SlowClients };

beforeAll(async () => {
  subgraphs = await startBadSubgraphs();
  directory = await mkdtemp(join(tmpdir(), "bad-input-"));
  await writeFile(join(directory, "supergraph.graphql"), subgraphs.supergraphSdl);
  await writeFile(
    join(directory, "router.yaml"),
    `supergraph: { path: supergraph.graphql }
server: { port: 0, maxBodyBytes: ${MAX_BODY_BYTES} }
subgraphs: { defaults: { timeoutMs: ${SUBGRAPH_TIMEOUT_MS}, retries: 0 } }
introspection: false
log: { operations: false }
`.replace("supergraph.graphql", JSON.stringify(join(directory, "supergraph.graphql"))),
  );
  router = spawn(
    process.execPath,
    [
      `--max-old-space-size=${HEAP_MB}`,
      ...["--conditions=supergraph-source", "--import", "tsx"],
      ...["router/src/main.ts", "--config", join(directory, "router.yaml")],
    ],
    { cwd: root, env: { PATH: process.env.PATH ?? "" }, stdio: ["ignore", "pipe", "pipe"] },
  );
  for (const stream of [router.stdout, router.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  port = await eventually(
    () => {
      const found = /"port":(\d+).*the router answers/.exec(output)?.[1];
      if (found === undefined) throw new Error(`The router does not answer:\n${output}`);
      return Number(found);
    },
    { timeoutMs: 60_000 },
  );
  const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
  slow = {
    headers: await startSlowClients(port, 200, `${head}x-slow: `),
    bodies: await startSlowClients(port, 200, `${head}content-length: 100000\r\n\r\n{"query":"`),
  };
});

afterAll(async () => {
  slow?.headers.stop();
  slow?.bodies.stop();
  const ended = router.exitCode === null ? once(router, "close") : undefined;
  router.kill("SIGTERM");
  await ended;
  await subgraphs.stop();
  await rm(directory, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
  readonly data: unknown;
  readonly errors: readonly { message: string; path?: unknown; extensions: { code: string } }[] | undefined;
}

const post = async (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
    body,
    signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
  });
  const text = await response.text();
  const { data, errors } = JSON.parse(text) as Pick<Answer, "data" | "errors">;
  return { status: response.status, code: errors?.[0]?.extensions.code, text, data, errors };
};

const ask = (query: string, others: object = {}): Promise<Answer> => post(JSON.stringify({ query, ...others }));

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(" ");

/** After whatever was sent. */
const expectAlive = async (): Promise<void> => {
  expect(router.exitCode, output).toBeNull();
  expect((await ask("{ word }")).data).toEqual({ word: "good" });
};

afterEach(expectAlive);

describe("an operation", () => {
  const PARSE = "GRAPHQL_PARSE_FAILED";
  const VALIDATE = "GRAPHQL_VALIDATION_FAILED";
  const doubling = (depth: number, double: (next: string) => string): string =>
    `{ node { ...F0 } } ${times(depth, (i) => `fragment F${i} on Node { ${double(`...F${i + 1}`)} }`)} fragment F${depth} on Node { id }`;
  const ofBytes = (bytes: number, text: string): string => text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes);

  it.each([
    [
      "500 deep with two fields at each level",
      `{ node ${"{ id next ".repeat(500)} { id } ${"}".repeat(500)} }`,
      VALIDATE,
    ],
    ["500 deep that doubles at each level", doubling(500, (next) => `a: next { ${next} } b: next { ${next} }`), PARSE],
    [
      "200 deep that doubles at each level",
      doubling(200, (next) => `a: next { ${next} } b: next { ${next} }`),
      VALIDATE,
    ],
    ["of 2^22 fragments that expand to one field", doubling(22, (next) => `${next} ... { ${next} }`), VALIDATE],
    ["of 2^22 fields by fragments", doubling(22, (next) => `a: next { ${next} } b: next { ${next} }`), VALIDATE],
    ["of a thousand aliases", `{ ${times(1_000, (i) => `a${i}: word`)} }`, VALIDATE],
    ["of a thousand sign-ins", `mutation { ${times(1_000, (i) => `a${i}: login(name: "${i}")`)} }`, VALIDATE],
    ["of 10,000 directives", `{ word ${times(10_000, () => "@skip(if: false)")} }`, PARSE],
    ["of 4,000 directives", `{ word ${times(4_000, () => "@mark")} }`, VALIDATE],
    ["of 3,000 variables", `query (${times(3_000, (i) => `$v${i}: Int`)}) { word }`, PARSE],
    ["of 5 MB of fields", `{ ${ofBytes(5_000_000, "word ")} }`, PARSE],
    ["of 5 MB of brackets", "{".repeat(5_000_000), VALIDATE],
    ["of 5 MB of one name", `{ ${"w".repeat(5_000_000)} }`, VALIDATE],
    ["of 5 MB of a list", `{ list(of: [${ofBytes(4_999_999, "1,")}]) }`, PARSE],
    ["of 5 MB of what is no GraphQL", "\u0001".repeat(800_000), PARSE],
  ])("%s is refused by a typed error", async (_, query, code) => {
    const answer = await ask(query);
    expect(answer).toMatchObject({ status: 400, code, data: undefined });
    expect(answer.text.length).toBeLessThan(20_000);
  });

  it("whose name of a megabyte is in twenty errors does not get it back twenty times", async () => {
    const answer = await ask(`query ${"w".repeat(1_000_000)} { ${times(20, (i) => `list(of: $v${i})`)} }`);
    expect(answer).toMatchObject({ status: 400, code: VALIDATE });
    // The last one says that there are more.
    expect(answer.errors).toHaveLength(21);
    expect(answer.text.length).toBeLessThan(50_000);
  });

  it("of 5 MB, most of which is a comment, is answered", async () => {
    expect((await ask(`#${" ".repeat(5_000_000)}\n{ word }`)).data).toEqual({ word: "good" });
  });

  it("with variables that nest 100,000 deep is refused", async () => {
    const body = `{"query":"query ($of: [[Int]]) { list(of: $of) }","variables":{"of":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
    expect(await post(body)).toMatchObject({ status: 400, code: "BAD_REQUEST" });
  });
});

describe("a request", () => {
  const body = JSON.stringify({ query: "{ word }" });
  it.each([
    ["of malformed JSON", `{"query": "{ wo`, {}, 400, "BAD_REQUEST"],
    ["of nothing", "", {}, 400, "BAD_REQUEST"],
    ["of JSON that is no object", "[[[]]]", {}, 400, "BAD_REQUEST"],
    [
      "of an unknown charset",
      body,
      { "content-type": "application/json; charset=klingon" },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    ["of UTF-16", new Uint8Array(Buffer.from(body, "utf16le")), {}, 400, "BAD_REQUEST"],
    ["of bytes that are no UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x00, 0x7d), {}, 400, "BAD_REQUEST"],
    [
      "that becomes 100 MB when unzipped",
      new Uint8Array(BOMB),
      { "content-encoding": "gzip" },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
  ])("%s is refused by a typed error", async (_, sent, headers, status, code) => {
    expect(await post(sent, headers)).toMatchObject({ status, code });
  });

  it("that announces more than the largest body is refused before it is sent", async () => {
    const headers = { "content-type": "application/json", "content-length": MAX_BODY_BYTES + 1 };
    const client = request({ port, path: "/graphql", method: "POST", headers }).on("error", () => undefined);
    client.flushHeaders();
    const [response] = await once(client, "response");
    expect(response.statusCode).toBe(413);
    expect(JSON.parse(String(await once(response, "data")))).toMatchObject({
      errors: [{ extensions: { code: "PAYLOAD_TOO_LARGE" } }],
    });
    client.destroy();
  });

  it("whose headers never end, or are no HTTP, is refused, and its connection closed", async () => {
    for (const bytes of [`GET / HTTP/1.1\r\nx: ${"x".repeat(1_000_000)}`, "\u0000\u0001\u0002\r\n\r\n"]) {
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.write(bytes);
      socket.resume();
      await closed;
    }
  });
});

describe("a subgraph", () => {
  it.each([
    ["that answers HTML", "html", "SUBGRAPH_INVALID_RESPONSE"],
    ["that answers HTML and calls it JSON", "htmlSaidToBeJson", "SUBGRAPH_INVALID_RESPONSE"],
    ["that answers half a JSON", "halfJson", "SUBGRAPH_INVALID_RESPONSE"],
    ["whose answer breaks off", "brokenOff", "SUBGRAPH_UNAVAILABLE"],
    ["whose answer is no UTF-8", "invalidUtf8", "SUBGRAPH_INVALID_RESPONSE"],
    ["that answers errors only", "errorsOnly", "INTERNAL_SERVER_ERROR"],
    ["that answers null and an error", "nullsOnly", "INTERNAL_SERVER_ERROR"],
    ["that answers 100,000 errors", "manyErrors", "INTERNAL_SERVER_ERROR"],
    ["that answers lists 100,000 deep", "deepJson", "INTERNAL_SERVER_ERROR"],
    ["that sends elsewhere", "redirect", "SUBGRAPH_INVALID_RESPONSE"],
    ["that answers what becomes a quarter of a gigabyte when unzipped", "gzipBomb", "SUBGRAPH_INVALID_RESPONSE"],
    ["whose header is huge", "hugeHeader", "SUBGRAPH_INVALID_RESPONSE"],
    ["that answers a byte now and then, without end", "drip", "SUBGRAPH_TIMEOUT"],
    ["that never answers", "silent", "SUBGRAPH_TIMEOUT"],
    ["that closes the connection", "resets", "SUBGRAPH_UNAVAILABLE"],
    ["that answers a gigabyte", "gigabyte", "SUBGRAPH_INVALID_RESPONSE"],
    ["that announces a gigabyte", "announcedGigabyte", "SUBGRAPH_INVALID_RESPONSE"],
  ])("%s costs its own field, and is told by a code", async (_, field, code) => {
    const { status, data, errors, text } = await ask(`{ word ${field} }`);
    expect(status).toBe(200);
    expect(data).toEqual({ word: "good", [field]: null });
    expect(errors).toHaveLength(1);
    // A subgraph's error that has no path keeps none.
    expect(errors?.[0]?.path ?? [field]).toEqual([field]);
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(text.length).toBeLessThan(500_000);
    expect(text).not.toMatch(/secret|ORA|127\.0\.0\.1/);
  });

  it("that answers a gigabyte is not heard out", () => {
    expect(subgraphs.sent.gigabyte).toBeLessThan(100_000_000);
    expect(subgraphs.sent.announcedGigabyte).toBeLessThan(100_000_000);
  });

  it("that answers an object of no known type is told by a code", async () => {
    const { status, data, errors } = await ask(
      "{ word wrongType { __typename ... on Left { a } ... on Right { b } } }",
    );
    expect(status).toBe(200);
    expect(data).toEqual({ word: "good", wrongType: null });
    expect(errors).toMatchObject([{ path: ["wrongType"], extensions: { code: expect.any(String) } }]);
  });

  it("that answers fewer entities than were asked for costs its own fields, and is told by a code", async () => {
    const { status, data, errors } = await ask("{ word things { name fewer } }");
    expect(status).toBe(200);
    const things = [1, 2, 3].map((id) => ({ name: `Thing ${id}`, fewer: null }));
    expect(data).toEqual({ word: "good", things });
    expect(errors?.map(({ path, extensions: { code } }) => [path, code])).toEqual(
      [0, 1, 2].map((index) => [["things", index, "fewer"], "SUBGRAPH_INVALID_RESPONSE"]),
    );
  });

  it("that answers entities of another type costs its own fields, and is told by a code at each of them", async () => {
    const { status, data, errors } = await ask("{ word things { name others } }");
    expect(status).toBe(200);
    expect(data).toEqual({ word: "good", things: [1, 2, 3].map((id) => ({ name: `Thing ${id}`, others: null })) });
    expect(errors?.map(({ path, extensions: { code } }) => [path, code])).toEqual(
      [0, 1, 2].map((index) => [["things", index, "others"], "SUBGRAPH_INVALID_RESPONSE"]),
    );
  });
});

describe("clients that take their time", () => {
  it("with their headers are sent away after a while, and nobody has to wait for them", async () => {
    await slow.headers.closed;
  });

  it("with their bodies keep nobody from being answered", () => {
    expect(slow.bodies.open()).toBeGreaterThan(0);
  });
});

it("all of that took no more memory than the router has", async () => {
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(await readFile(`/proc/${router.pid}/status`, "utf8"))?.[1];
  expect(Number(peak) / 1_024).toBeLessThan(MAX_RSS_MB);
});
