import { readdir, readFile } from "node:fs/promises";

/** What a process and all that it started cost, as Linux tells it in /proc. */
export interface Usage {
  /** User and system time of all threads, also of children that have ended. */
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** Since each process started. */
  readonly peakRssMb: number;
}

/** Linux tells times in hundredths of a second to every process, whatever the kernel itself counts in. */
const TICKS_PER_SECOND = 100;

/** @throws Error when the process is no more. */
export const usageOf = async (pid: number): Promise<Usage> => {
  const pids = await treeOf(pid);
  const usages = await Promise.all(
    pids.map(async (each) => ({
      ...parseStat(await readFile(`/proc/${each}/stat`, "utf8")),
      ...parseStatus(await readFile(`/proc/${each}/status`, "utf8")),
    })),
  );
  return {
    cpuSeconds: sum(usages.map((usage) => usage.cpuSeconds)),
    rssMb: sum(usages.map((usage) => usage.rssMb)),
    peakRssMb: sum(usages.map((usage) => usage.peakRssMb)),
  };
};

/** A process's name may hold blanks and brackets: what is counted is what comes after the last one. */
export const parseStat = (text: string): { readonly parent: number; readonly cpuSeconds: number } => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // By proc(5), of which the third field is the first one here: 4 is the parent, 14 to 17 are the times.
  const [, parent] = fields;
  return { parent: Number(parent), cpuSeconds: sum(fields.slice(11, 15).map(Number)) / TICKS_PER_SECOND };
};

export const parseStatus = (text: string): { readonly rssMb: number; readonly peakRssMb: number } => {
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) / 1_024;
  return { rssMb: megabytes("VmRSS"), peakRssMb: megabytes("VmHWM") };
};

const treeOf = async (root: number): Promise<number[]> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map(
    await Promise.all(
      pids.map(async (pid): Promise<[number, number]> => {
        const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
        return [pid, stat === null ? 0 : parseStat(stat).parent];
      }),
    ),
  );
  const tree = [root];
  for (const found of tree) for (const [pid, parent] of parents) if (parent === found) tree.push(pid);
  return tree;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
