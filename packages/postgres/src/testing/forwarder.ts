import { createServer, type Server, Socket } from "node:net";

/** Stands between a client and Postgres, and spoils the link. */
export interface Forwarder {
  /** The URL given, by way of this forwarder. */
  readonly url: string;
  /** From now on nothing comes through, in either direction, and nothing is closed: as of a link that is cut. */
  hold(): void;
  /** What was held comes through, and what follows: as TCP repairs what was lost. */
  release(): void;
  /** Postgres sees its clients go; the clients see nothing, neither now nor later. New connections are forwarded. */
  halfOpen(): void;
  /** Ends every connection by a reset. */
  reset(): void;
  /** Refuses connections, and resets those that are, until {@link listen}. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export const startForwarder = async (url: string): Promise<Forwarder> => {
  const target = new URL(url);
  const pairs = new Set<Pair>();
  let held = false;

  const forward = ({ client, server }: Pair) => {
    client.pipe(server);
    server.pipe(client);
  };
  const stop = ({ client, server }: Pair) => {
    for (const socket of [client, server]) {
      socket.unpipe();
      socket.pause();
    }
  };

  const accept = (client: Socket) => {
    const pair = { client, server: new Socket() };
    pairs.add(pair);
    const end = () => {
      client.destroy();
      pair.server.destroy();
      pairs.delete(pair);
    };
    for (const socket of [client, pair.server]) socket.on("error", () => undefined).on("close", end);
    pair.server.connect(Number(target.port), target.hostname);
    if (held) stop(pair);
    else forward(pair);
  };

  const open = (port: number) =>
    new Promise<Server>((resolve) => {
      const opened = createServer(accept).listen(port, "127.0.0.1", () => resolve(opened));
    });
  let listener = await open(0);
  const address = listener.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const reset = () => {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  };
  const refuse = async () => {
    const closed = new Promise((resolve) => listener.close(resolve));
    reset();
    await closed;
  };
  const through = new URL(url);
  through.host = `127.0.0.1:${port}`;

  return {
    url: through.href,
    hold() {
      held = true;
      for (const pair of pairs) stop(pair);
    },
    release() {
      held = false;
      for (const pair of pairs) forward(pair);
    },
    halfOpen() {
      for (const pair of pairs) {
        stop(pair);
        pair.server.removeAllListeners("close");
        pair.server.destroy();
      }
    },
    reset,
    refuse,
    async listen() {
      listener = await open(port);
    },
    close: refuse,
  };
};
