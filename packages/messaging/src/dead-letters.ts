import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import {
  type Consumer,
  consumerName,
  type DeadLetter,
  type DeliveryFailure,
  deadLetterSubject,
  type Message,
} from "./bus.ts";
import type { Log } from "./log.ts";

const MAX_ERROR_LENGTH = 4_000;
const MAX_FAILURE_LENGTH = 500;
const MAX_IN_MEMORY = 1_000;
const MAX_FILE_NAME = 150;

export const newDeadLetter = (
  consumer: Pick<Consumer, "service" | "subject">,
  message: Message,
  error: unknown,
  attempts: number,
  failures: readonly DeliveryFailure[],
): DeadLetter => ({
  service: consumer.service,
  consumer: consumerName(consumer),
  message,
  error: (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, MAX_ERROR_LENGTH),
  attempts,
  failures,
  at: new Date().toISOString(),
});

export const newFailure = (attempt: number, error: unknown): DeliveryFailure => ({
  attempt,
  at: new Date().toISOString(),
  error: String(error).slice(0, MAX_FAILURE_LENGTH),
});

/**
 * The message under `dlq.<service>.<consumer>` that carries the letter. `token` tells two letters about one message
 * apart, as after a replay that failed again.
 */
export const deadLetterMessage = (letter: DeadLetter, token: string): Message => ({
  subject: deadLetterSubject({ service: letter.service, subject: letter.message.subject }),
  key: letter.message.key,
  envelope: {
    id: `dead:${letter.consumer}:${token}`,
    type: "dead_letter",
    version: 1,
    time: letter.at,
    correlationId: letter.message.envelope.correlationId,
    causationId: letter.message.envelope.id,
    data: letter,
  },
});

/** For a broker that takes the message but not the message with the error around it. */
export const withoutData = (letter: DeadLetter, token: string): DeadLetter => {
  const data = `Too large for a dead letter: the stream still holds it under sequence and time ${token}.`;
  return {
    ...letter,
    dataOmitted: true,
    message: { ...letter.message, envelope: { ...letter.message.envelope, data } },
  };
};

/** Where the in-process bus keeps what exhausted its deliveries. */
export interface DeadLetterStore {
  /** Resolves once the letter is kept. The same letter again replaces the first. */
  add(letter: DeadLetter): Promise<void>;
  list(): Promise<readonly DeadLetter[]>;
}

/** Keeps the latest 1,000 letters until the process ends. */
export const deadLettersInMemory = (log: Log): DeadLetterStore => {
  const letters: DeadLetter[] = [];
  return {
    async add(letter) {
      if (letters.push(letter) > MAX_IN_MEMORY) {
        letters.shift();
        log.error({ kept: MAX_IN_MEMORY }, "the oldest dead letter was dropped: no directory keeps them");
      }
    },
    list: async () => [...letters],
  };
};

/** A JSON file a letter: `<directory>/<service>/<consumer>/<envelope id>.json`. It survives a crash of process and machine. */
export const deadLettersInFiles = (directory: string): DeadLetterStore => ({
  async add(letter) {
    const folder = join(directory, fileName(letter.service), fileName(letter.consumer));
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${fileName(letter.message.envelope.id)}.json`);
    await writeDurably(`${path}.tmp`, `${JSON.stringify(letter, null, 2)}\n`);
    await rename(`${path}.tmp`, path);
    await syncFolder(folder);
  },
  async list() {
    const names = await readdir(directory, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    const files = names.filter((name) => name.endsWith(".json")).sort();
    return Promise.all(
      files.map(async (name): Promise<DeadLetter> => JSON.parse(await readFile(join(directory, name), "utf8"))),
    );
  },
});

/** Ids hold `:` and whatever else a producer likes; a path must not. */
const fileName = (id: string): string => {
  const encoded = encodeURIComponent(id).replace(/^\.+/, (dots) => "%2E".repeat(dots.length));
  if (encoded.length <= MAX_FILE_NAME) return encoded;
  return `${encoded.slice(0, MAX_FILE_NAME - 33)}-${createHash("sha256").update(id).digest("hex").slice(0, 32)}`;
};

const writeDurably = async (path: string, text: string): Promise<void> => {
  const file = await open(path, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** A rename is durable once its folder is; some systems cannot sync a folder, and then there is nothing more to do. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r").catch(() => null);
  if (!folder) return;
  try {
    await folder.sync().catch(() => undefined);
  } finally {
    await folder.close();
  }
};
