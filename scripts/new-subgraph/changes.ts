import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Files of one folder that are written, and can all be taken back. */
export interface Changes {
  /** Remembers how a file is, and whether it is there, before something else changes it. */
  remember(path: string): void;
  write(path: string, text: string): void;
  /** Removed as a whole by {@link undo}; it must not be there yet. */
  add(folder: string): void;
  /** As it was before the first of the above. */
  undo(): void;
}

/** Paths are from `root`. */
export const createChanges = (root: string): Changes => {
  const before = new Map<string, Buffer | null>();
  const added: string[] = [];
  const remember = (path: string): void => {
    if (!before.has(path)) before.set(path, existsSync(join(root, path)) ? readFileSync(join(root, path)) : null);
  };
  return {
    remember,
    write(path, text) {
      remember(path);
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    add: (folder) => void added.push(folder),
    undo() {
      for (const [path, bytes] of before)
        if (bytes === null) rmSync(join(root, path), { force: true });
        else writeFileSync(join(root, path), bytes);
      for (const folder of added) rmSync(join(root, folder), { recursive: true, force: true });
    },
  };
};
