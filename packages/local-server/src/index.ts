export { DirectoryInUse, takeDirectory } from "./directory.ts";
export { freePort, LOOPBACK } from "./ports.ts";
export {
  findProcess,
  isRunning,
  type ProcessIdentity,
  type RunningProcess,
  type Shutdown,
  type StopOutcome,
  stopProcess,
} from "./processes.ts";
export { type LaunchOptions, type ServerProcess, spawnServer } from "./server-process.ts";
export { type SupervisedServer, type SupervisorLog, supervise } from "./supervisor.ts";
