import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface SlowClients {
  /** Resolves once the server has closed the connection of each. */
  readonly closed: Promise<unknown>;
  /** Those that the server still waits for. */
  open(): number;
  stop(): void;
}

const EVERY_MS = 250;

/** So many connections that each send `head`, and from then on a byte now and then, without end. */
export const startSlowClients = async (port: number, count: number, head: string): Promise<SlowClients> => {
  const sockets = await Promise.all(
    Array.from({ length: count }, async (): Promise<Socket> => {
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      await once(socket, "connect");
      socket.write(head);
      return socket.resume();
    }),
  );
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write("x");
  }, EVERY_MS);
  return {
    // Not by `once` of node:events: that rejects on a reset, by which a server sends away who still writes, too.
    closed: Promise.all(
      sockets.map((socket) => (socket.closed ? undefined : new Promise((resolve) => socket.once("close", resolve)))),
    ),
    open: () => sockets.filter(({ closed }) => !closed).length,
    stop() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
};
