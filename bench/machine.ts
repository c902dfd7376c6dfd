import { availableParallelism, cpus, loadavg, release } from "node:os";

/** What somebody needs to know to place figures. */
export const machine = () => ({
  date: new Date().toISOString(),
  node: process.version,
  kernel: `${process.platform} ${release()}`,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  /** Of the last minute: the work of others makes all delays longer. */
  loadAverage: loadavg()[0],
});
