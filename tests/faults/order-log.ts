import { type FileHandle, open, readFile } from "node:fs/promises";
import { z } from "zod";

/** What a client did, and what it was told. */
const Entry = z.discriminatedUnion("kind", [
  /** The first request under this key is about to be sent. */
  z.object({ kind: z.literal("sent"), key: z.string() }),
  z.object({ kind: z.literal("acknowledged"), key: z.string(), orderId: z.string() }),
  /** `final` where no request under this key can still take effect. */
  z.object({ kind: z.literal("refused"), key: z.string(), code: z.string(), final: z.boolean() }),
  /** The cancellation of an order was accepted. */
  z.object({ kind: z.literal("cancelled"), orderId: z.string() }),
]);

export type OrderLogEntry = z.output<typeof Entry>;

export interface OrderLog {
  /** Resolves once the entry, and all before it, are on disk. */
  append(entry: OrderLogEntry): Promise<void>;
  /** Waits for what was appended. */
  close(): Promise<void>;
}

export interface OrderLogContent {
  readonly sentKeys: readonly string[];
  readonly acknowledged: readonly { readonly idempotencyKey: string; readonly orderId: string }[];
  readonly refusedKeys: readonly string[];
  readonly cancelledOrderIds: readonly string[];
}

/** Opens for appending. Entries that arrive while the disk is busy share the next sync. */
export const openOrderLog = async (path: string): Promise<OrderLog> => createOrderLog(await open(path, "a"));

const createOrderLog = (file: FileHandle): OrderLog => {
  let lines: string[] = [];
  let lastSync: Promise<void> = Promise.resolve();
  let nextSync: Promise<void> | null = null;

  const sync = async (): Promise<void> => {
    nextSync = null;
    const text = lines.join("");
    lines = [];
    await file.appendFile(text);
    await file.datasync();
  };

  return {
    append(entry) {
      lines.push(`${JSON.stringify(entry)}\n`);
      if (nextSync === null) {
        nextSync = lastSync.then(sync);
        lastSync = nextSync;
      }
      return nextSync;
    },
    async close() {
      await lastSync;
      await file.close();
    },
  };
};

/**
 * Reads what a program wrote that may have been killed: a last line without its line feed was never told to anybody.
 * @throws when any other line is no entry.
 */
export const readOrderLog = async (path: string): Promise<OrderLogContent> => {
  const text = await readFile(path, "utf8");
  const entries = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1)
    .map((line, index) => parseLine(line, `${path}:${index + 1}`));
  return {
    sentKeys: entries.flatMap((entry) => (entry.kind === "sent" ? [entry.key] : [])),
    acknowledged: entries.flatMap((entry) =>
      entry.kind === "acknowledged" ? [{ idempotencyKey: entry.key, orderId: entry.orderId }] : [],
    ),
    refusedKeys: entries.flatMap((entry) => (entry.kind === "refused" && entry.final ? [entry.key] : [])),
    cancelledOrderIds: entries.flatMap((entry) => (entry.kind === "cancelled" ? [entry.orderId] : [])),
  };
};

const parseLine = (line: string, where: string): OrderLogEntry => {
  try {
    return Entry.parse(JSON.parse(line));
  } catch {
    throw new Error(`${where} is no entry of an order log: ${line.slice(0, 200)}`);
  }
};
