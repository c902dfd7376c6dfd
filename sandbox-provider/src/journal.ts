import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";

/** The journal cannot be used: the message says which file and line, and what to do. */
export class JournalError extends Error {
  readonly code = "JOURNAL_UNUSABLE";
  override readonly name = "JournalError";
}

export interface Journal {
  /** Resolves once the record, and all before it, are on disk. After a failed write nothing more is accepted. */
  append(record: object): Promise<void>;
  /** Resolves once everything appended so far is on disk. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenedJournal {
  readonly journal: Journal;
  /** True when the last line was cut off by a crash, and dropped: nobody was told of it. */
  readonly torn: boolean;
}

/**
 * Opens `journal.jsonl` in `directory`, made when missing, and gives `take` each line that was appended before, oldest
 * first; the file may be gigabytes. A last line without its line feed was torn by a crash before its writer was
 * answered, and is cut off; any other line that `take` throws on is corruption.
 * @throws JournalError when the directory cannot be used or the journal is corrupt.
 */
export const openJournal = async (directory: string, take: (line: string) => void): Promise<OpenedJournal> => {
  const path = join(directory, "journal.jsonl");
  const file = await openFile(directory, path);
  try {
    let number = 0;
    const end = await readLines(file, 0, (line) => {
      number += 1;
      try {
        take(line);
      } catch {
        throw new JournalError(
          `${path}:${number} is not a record of this journal, and is not its torn end: restore the file from a copy, or remove it to start with an empty provider.`,
        );
      }
    });
    const torn = end < (await file.stat()).size;
    if (torn) await file.truncate(end);
    return { journal: createJournal(file), torn };
  } catch (error) {
    await file.close();
    throw error;
  }
};

const CHUNK_BYTES = 1 << 20;
const LINE_FEED = 10;

/** Takes each whole line behind the position `from`; answers where the last of them ends. */
export const readLines = async (file: FileHandle, from: number, take: (line: string) => void): Promise<number> => {
  let end = from;
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const { bytesRead, buffer } = await file.read({
      buffer: Buffer.allocUnsafe(CHUNK_BYTES),
      position: end + rest.length,
    });
    if (bytesRead === 0) return end;
    const chunk = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    const ofWholeLines = chunk.lastIndexOf(LINE_FEED) + 1;
    if (ofWholeLines > 0) for (const line of chunk.toString("utf8", 0, ofWholeLines - 1).split("\n")) take(line);
    end += ofWholeLines;
    rest = chunk.subarray(ofWholeLines);
  }
};

const openFile = async (directory: string, path: string): Promise<FileHandle> => {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await open(path, "a+", 0o600);
    // The file's name must survive a power loss as its content does.
    const parent = await open(directory, "r");
    await parent.sync();
    await parent.close();
    return file;
  } catch (error) {
    throw new JournalError(
      `${path} cannot be opened for writing (${error instanceof Error ? error.message : String(error)}): choose a directory that this user may write to.`,
    );
  }
};

/** Appends that arrive while a sync is under way share the next one. */
const createJournal = (file: FileHandle): Journal => {
  let waiting: string[] = [];
  let flushing: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  let failure: JournalError | null = null;

  const flush = async (): Promise<void> => {
    next = null;
    const lines = waiting;
    waiting = [];
    if (failure) throw failure;
    try {
      await file.appendFile(lines.join(""));
      await file.datasync();
    } catch (error) {
      // What the disk holds is now unknown, so memory may be ahead of it: only a restart can tell.
      failure = new JournalError(
        `The journal could not be written (${error instanceof Error ? error.message : String(error)}): restart the provider.`,
      );
      throw failure;
    }
  };

  return {
    append(record) {
      waiting.push(`${JSON.stringify(record)}\n`);
      if (next === null) {
        next = flushing.then(flush, flush);
        flushing = next;
        // Each caller of append gets the rejection; the chain itself must not be an unhandled one.
        next.catch(() => undefined);
      }
      return next;
    },
    flushed: () => flushing,
    async close() {
      await flushing.catch(() => undefined);
      await file.close();
    },
  };
};
