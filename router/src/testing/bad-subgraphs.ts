import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])`;

/** Answers as it should. */
const GOOD = `${LINK}
directive @mark repeatable on FIELD
type Query { word: String node: Node things: [Thing] list(of: [[Int]]): Int }
type Mutation { login(name: String): String }
type Node { id: ID next: Node }
type Thing @key(fields: "id") { id: ID! name: String }
`;

type Answer = (response: ServerResponse, request: IncomingMessage, body: string) => void;

const json =
  (text: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(200, { "content-type": "application/json", ...headers });
    response.end(text);
  };

const text = (status: number, body: string, headers: Readonly<Record<string, string>>): Answer => {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
};

const GIGABYTE = 1_000_000_000;
const MEGABYTE = Buffer.alloc(1_000_000, "x");

/** What each of them does with every request, by the name of its subgraph, which has a root field of that name. */
const WAYS = {
  html: text(200, "<html>secret</html>", { "content-type": "text/html" }),
  htmlSaidToBeJson: json("<html>secret</html>"),
  halfJson: json(`{"data":{"halfJson":"sec`),
  brokenOff: (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write(`{"data":{"brokenOff":"sec`, () => response.destroy());
  },
  invalidUtf8: (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      Buffer.concat([Buffer.from(`{"data":{"invalidUtf8":"`), Buffer.from([0xff, 0xfe]), Buffer.from(`"}}`)]),
    );
  },
  errorsOnly: json(`{"errors":[{"message":"secret","extensions":{"code":"ORA-600"}}]}`),
  nullsOnly: json(`{"data":null,"errors":[{"message":"secret"}]}`),
  manyErrors: json(
    `{"data":{"manyErrors":null},"errors":[${`{"message":"secret","path":["manyErrors"]},`.repeat(100_000)}{"message":"last"}]}`,
  ),
  deepJson: json(`{"data":{"deepJson":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`),
  redirect: text(307, "", { location: "http://127.0.0.1:1/secret" }),
  gzipBomb: json("", { "content-encoding": "gzip" }),
  hugeHeader: json(`{"data":{"hugeHeader":"secret"}}`, { "x-huge": "x".repeat(1_000_000) }),
  drip: (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 50);
    response.once("close", () => clearInterval(timer));
  },
  silent: () => undefined,
  resets: (_, request) => void request.socket.destroy(),
  gigabyte: () => undefined,
  announcedGigabyte: () => undefined,
} satisfies Record<string, Answer>;

export type Way = keyof typeof WAYS;

/** Answer with an object of a type that is none, with fewer entities than were asked for, and with such of another type. */
const ENTITIES = {
  wrongType: {
    sdl: "type Query { wrongType: Item } union Item = Left | Right type Left { a: Int } type Right { b: Int }",
    answer: json(`{"data":{"wrongType":{"__typename":"Banana","a":1,"b":2}}}`),
  },
  fewer: {
    sdl: `type Thing @key(fields: "id") { id: ID! fewer: String }`,
    answer: json(`{"data":{"_entities":[{"__typename":"Thing","fewer":"one"}]}}`),
  },
  others: {
    sdl: `type Thing @key(fields: "id") { id: ID! others: String }`,
    answer: json(`{"data":{"_entities":[${Array(3).fill(`{"__typename":"Banana","others":"two"}`)}]}}`),
  },
} satisfies Record<string, { sdl: string; answer: Answer }>;

const good = json(
  JSON.stringify({
    data: { word: "good", things: ["1", "2", "3"].map((id) => ({ __typename: "Thing", id, name: `Thing ${id}` })) },
  }),
);

export interface BadSubgraphs {
  readonly supergraphSdl: string;
  /** Bytes that one of them has written of its gigabyte. */
  readonly sent: { gigabyte: number; announcedGigabyte: number };
  stop(): Promise<void>;
}

/** A supergraph of one subgraph that answers as it should, and of one for each way in which it should not. */
export const startBadSubgraphs = async (): Promise<BadSubgraphs> => {
  const sent = { gigabyte: 0, announcedGigabyte: 0 };
  // A quarter of a gigabyte in a quarter of a megabyte.
  const bomb = gzipSync(Buffer.alloc(GIGABYTE / 4), { level: 1 });
  const ways: Record<string, Answer> = {
    good,
    ...WAYS,
    ...Object.fromEntries(Object.entries(ENTITIES).map(([name, { answer }]) => [name, answer])),
    gzipBomb: (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(bomb);
    },
    gigabyte: (response) => writeGigabyte(response, {}, (bytes) => (sent.gigabyte += bytes)),
    announcedGigabyte: (response) =>
      writeGigabyte(response, { "content-length": String(GIGABYTE) }, (bytes) => (sent.announcedGigabyte += bytes)),
  };
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => ways[request.url?.slice(1) ?? ""]?.(response, request, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    supergraphSdl: compose(port),
    sent,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** As fast as it is read, and no faster. */
const writeGigabyte = (
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  wrote: (bytes: number) => void,
): void => {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.write(`{"data":{"gigabyte":"`);
  let left = GIGABYTE;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= MEGABYTE.length;
      wrote(MEGABYTE.length);
      if (!response.write(MEGABYTE)) return void response.once("drain", more);
    }
    response.end(`"}}`);
  };
  more();
};

const compose = (port: number): string => {
  const sdls = {
    good: GOOD,
    ...Object.fromEntries(Object.keys(WAYS).map((name) => [name, `${LINK} type Query { ${name}: String }`])),
    ...Object.fromEntries(Object.entries(ENTITIES).map(([name, { sdl }]) => [name, `${LINK} ${sdl}`])),
  };
  const result = composeServices(
    Object.entries(sdls).map(([name, sdl]) => ({
      name,
      url: `http://127.0.0.1:${port}/${name}`,
      typeDefs: parse(sdl),
    })),
  );
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join("\n"));
  return result.supergraphSdl;
};
