import { execFile, execFileSync } from "node:child_process";
import { statfs } from "node:fs/promises";
import { promisify } from "node:util";
import type { Disk } from "./model.ts";

const run = promisify(execFile);

export interface SmallDisk extends Disk {
  unmount(): Promise<void>;
  unmountNow(): void;
}

/** Somebody may be writing all the time. */
const MOST_TRIES = 50;

/** A file system in memory of `megabytes`, mounted on `directory`; null where this process may not mount one. */
export const mountDisk = async (directory: string, megabytes: number): Promise<SmallDisk | null> => {
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "supergraph-faults", directory]);
  } catch {
    return null;
  }
  const resize = (size: string) => run("mount", ["-o", `remount,size=${size}`, directory]);
  return {
    async fill() {
      // Its size becomes what is used of it: full, without a byte written. Refused where more is used by then.
      for (let tries = 1; ; tries += 1) {
        const { blocks, bfree, bsize } = await statfs(directory);
        try {
          await resize(String((blocks - bfree) * bsize));
          return;
        } catch (error) {
          if (tries === MOST_TRIES) throw error;
        }
      }
    },
    async free() {
      await resize(`${megabytes}m`);
    },
    async unmount() {
      await run("umount", [directory]);
    },
    unmountNow() {
      try {
        execFileSync("umount", ["--lazy", directory], { stdio: "ignore" });
      } catch {
        // It is not mounted any more.
      }
    },
  };
};
