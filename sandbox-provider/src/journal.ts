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

export interface OpenedJournal<Record> {
  readonly journal: Journal;
  /** Everything appended before, oldest first. */
  readonly records: readonly Record[];
  /** True when the last line was cut off by a crash, and dropped: nobody was told of it. */
  readonly torn: boolean;
}

/**
 * Opens `journal.jsonl` in `directory`, made when missing. A last line without its line feed was torn by a crash
 * before its writer was answered, and is cut off; any other line that `parse` throws on is corruption.
 * @throws JournalError when the directory cannot be used or the journal is corrupt.
 */
export const openJournal = async <Record>(
  directory: string,
  parse: (line: string) => Record,
): Promise<OpenedJournal<Record>> => {
  const path = join(directory, "journal.jsonl");
  const file = await openFile(directory, path);
  try {
    const content = await file.readFile();
    const end = content.lastIndexOf("\n") + 1;
    const torn = end < content.length;
    if (torn) await file.truncate(end);
    const lines = content.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
    const records = lines.map((line, index) => {
      try {
        return parse(line);
      } catch {
        throw new JournalError(
          `${path}:${index + 1} is not a record of this journal, and is not its torn end: restore the file from a copy, or remove it to start with an empty provider.`,
        );
      }
    });
    return { journal: createJournal(file), records, torn };
  } catch (error) {
    await file.close();
    throw error;
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
