import { type AddressInfo, createServer, type Socket } from "node:net";

/** A server that writes what it likes, byte for byte; `handle` is called for each connection that sent something. */
export const startRawServer = async (
  handle: (socket: Socket) => void,
): Promise<{ url: string; readonly connections: number; stop(): Promise<void> }> => {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    socket.once("data", () => handle(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    get connections() {
      return connections;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

/** Text of a response, with the length of `body` unless `headers` say something of the framing. */
export const rawResponse = (body: string, headers: readonly string[], status = "200 OK"): string =>
  [`HTTP/1.1 ${status}`, ...headers, ...framing(body, headers), "", body].join("\r\n");

const framing = (body: string, headers: readonly string[]): string[] =>
  headers.some((header) => /^(content-length|transfer-encoding|connection):/i.test(header))
    ? []
    : [`content-length: ${Buffer.byteLength(body)}`];
