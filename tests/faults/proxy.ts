import { createServer, connect as openSocket, type Socket } from "node:net";
import { LOOPBACK } from "@supergraph/local-server";
import type { TcpProxy } from "./model.ts";

export interface RunningProxy extends TcpProxy {
  /** Ends every connection and listens no more. */
  stop(): Promise<void>;
}

type Mode =
  | { readonly kind: "open" }
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "held" }
  | { readonly kind: "halfOpen" }
  | { readonly kind: "refused" };

const OPEN: Mode = { kind: "open" };
/** As a network does it: beyond this the sender has to wait. */
const HELD_BYTES_A_DIRECTION = 8_000_000;

/** Stands between one service and one of its peers on the loopback interface, and does to their connections what networks do. */
export const startProxy = async (targetPort: number): Promise<RunningProxy> => {
  const connections = new Set<Connection>();
  const counts = { connections: 0, bytes: 0, lostBytes: 0, resets: 0 };
  let mode: Mode = OPEN;

  const count = {
    passed: (bytes: number) => {
      counts.bytes += bytes;
    },
    lost: (bytes: number) => {
      counts.lostBytes += bytes;
    },
  };
  // With half-open sockets allowed an end in one direction is passed on as such: the other direction goes on.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    counts.connections += 1;
    if (mode.kind === "refused") {
      counts.resets += 1;
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const connection = connectThrough(client, targetPort, () => mode, count);
    connections.add(connection);
    connection.onClose(() => connections.delete(connection));
    connection.apply();
  });
  const switchTo = (next: Mode) => {
    mode = next;
    for (const connection of connections) connection.apply();
  };
  const resetAll = () => {
    for (const connection of [...connections]) {
      counts.resets += 1;
      connection.reset();
    }
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: LOOPBACK, port: 0 }, resolve);
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("A proxy listens on no port.");

  return {
    port: address.port,
    counts: () => ({
      ...counts,
      open: connections.size,
      heldBytes: [...connections].reduce((sum, connection) => sum + connection.heldBytes(), 0),
    }),
    latency: (ms) => switchTo({ kind: "slow", ms }),
    blackHole: () => switchTo({ kind: "held" }),
    halfOpen: () => switchTo({ kind: "halfOpen" }),
    refuse() {
      switchTo({ kind: "refused" });
      resetAll();
    },
    reset: resetAll,
    heal: () => switchTo(OPEN),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of [...connections]) connection.reset();
      }),
  };
};

interface Connection {
  /** Does what the mode now demands. */
  apply(): void;
  reset(): void;
  heldBytes(): number;
  onClose(listener: () => void): void;
}

interface Count {
  passed(bytes: number): void;
  lost(bytes: number): void;
}

const connectThrough = (client: Socket, targetPort: number, mode: () => Mode, count: Count): Connection => {
  const upstream = openSocket({ host: LOOPBACK, port: targetPort, allowHalfOpen: true, noDelay: true });
  const there = createPipe(client, upstream, mode, count.passed);
  const back = createPipe(upstream, client, mode, count.passed);
  let onClose: () => unknown = () => undefined;
  let serverIsGone = false;

  const reset = () => {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
    there.stop();
    back.stop();
    onClose();
  };
  const endWhenBothEnded = () => {
    if (serverIsGone ? client.closed : client.closed && upstream.closed) onClose();
  };
  for (const socket of [client, upstream]) {
    socket.on("error", () => {
      // A reset of one side is one of the other, unless nothing at all gets through.
      if (!serverIsGone || socket === client) reset();
    });
    socket.on("close", endWhenBothEnded);
  }
  const dropServer = () => {
    serverIsGone = true;
    there.stop();
    back.stop();
    upstream.resetAndDestroy();
    client.on("data", (chunk: Buffer) => {
      count.lost(chunk.length);
      // Once packets arrive again, the server answers one of a connection that it does not know by a reset.
      if (mode().kind !== "halfOpen") reset();
    });
    client.resume();
  };
  return {
    apply() {
      if (serverIsGone) return;
      if (mode().kind === "halfOpen") dropServer();
      else {
        there.pump();
        back.pump();
      }
    },
    reset,
    heldBytes: () => there.heldBytes() + back.heldBytes(),
    onClose(listener) {
      onClose = listener;
    },
  };
};

interface Pipe {
  pump(): void;
  heldBytes(): number;
  stop(): void;
}

/** One direction of a connection. What arrived is passed on in order, each piece when the mode lets it. */
const createPipe = (from: Socket, to: Socket, mode: () => Mode, passed: (bytes: number) => void): Pipe => {
  /** Null is the end of what `from` sends. */
  const queue: { readonly chunk: Buffer | null; readonly arrivedAt: number }[] = [];
  let queuedBytes = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const pump = (): void => {
    clearTimeout(timer);
    for (let next = queue[0]; next !== undefined && !stopped; next = queue[0]) {
      const current = mode();
      if (current.kind === "held") break;
      const waitMs = current.kind === "slow" ? next.arrivedAt + current.ms - performance.now() : 0;
      if (waitMs > 0) {
        timer = setTimeout(pump, waitMs);
        break;
      }
      if (to.writableNeedDrain) {
        to.once("drain", pump);
        break;
      }
      queue.shift();
      if (next.chunk === null) to.end();
      else {
        queuedBytes -= next.chunk.length;
        passed(next.chunk.length);
        to.write(next.chunk);
      }
    }
    if (stopped) return;
    if (queuedBytes > HELD_BYTES_A_DIRECTION) from.pause();
    else from.resume();
  };
  const take = (chunk: Buffer | null) => {
    if (stopped) return;
    queue.push({ chunk, arrivedAt: performance.now() });
    queuedBytes += chunk?.length ?? 0;
    pump();
  };
  from.on("data", take);
  from.on("end", () => take(null));
  return {
    pump,
    heldBytes: () => queuedBytes,
    stop() {
      stopped = true;
      clearTimeout(timer);
      queue.length = 0;
      queuedBytes = 0;
    },
  };
};
