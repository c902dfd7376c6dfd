import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";

const Inspected = z.array(
  z.object({
    Id: z.string(),
    Config: z.object({ Image: z.string(), Labels: z.object({ "com.docker.compose.service": z.string() }) }),
    State: z.object({
      Pid: z.number(),
      Running: z.boolean(),
      ExitCode: z.number(),
      Health: z.object({ Status: z.string() }).optional(),
    }),
  }),
);

const run = promisify(execFile);
const POLL_MS = 100;

export interface Container {
  readonly service: string;
  readonly id: string;
  /** As it was asked for, with its tag. */
  readonly image: string;
  /** Of its first process on this machine; 0 while it does not run. */
  readonly pid: number;
  /** `none` where nobody asks for its health. */
  readonly health: string;
  readonly running: boolean;
  readonly exitCode: number;
}

/** What Docker Compose made of the files, as a project of its own beside any other. */
export interface Deployment {
  /** Of `docker compose`, by which it is this project. */
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  compose(...args: string[]): Promise<string>;
  /** Those that run or have run. */
  containers(): Promise<readonly Container[]>;
  /**
   * Ends the first process of the service's container at once, as a crash would, and resolves to the milliseconds until
   * Docker has started it again and it is healthy.
   */
  kill(service: string, withinMs: number): Promise<number>;
  /** Resolves once everything runs and is healthy, or has done what it had to do. @throws after `withinMs`. */
  untilHealthy(withinMs: number): Promise<void>;
}

export const deployment = (options: {
  readonly project: string;
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}): Deployment => {
  const { project, files, profiles, environment } = options;
  const general = [
    "--project-name",
    project,
    ...files.flatMap((file) => ["--file", file]),
    ...profiles.flatMap((profile) => ["--profile", profile]),
  ];
  const docker = async (...args: string[]): Promise<string> => {
    const { stdout } = await run("docker", args, {
      env: { ...process.env, ...environment },
      maxBuffer: 64_000_000,
    });
    return stdout.trim();
  };

  const containers = async (): Promise<readonly Container[]> => {
    const ids = await docker("ps", "--all", "--quiet", "--filter", `label=com.docker.compose.project=${project}`);
    if (ids === "") return [];
    const inspected = Inspected.parse(JSON.parse(await docker("inspect", ...ids.split("\n"))));
    return inspected.map(({ Id: id, Config, State }) => ({
      id,
      image: Config.Image,
      service: Config.Labels["com.docker.compose.service"],
      pid: State.Pid,
      running: State.Running,
      exitCode: State.ExitCode,
      health: State.Health?.Status ?? "none",
    }));
  };

  const find = async (service: string): Promise<Container> => {
    const container = (await containers()).find((candidate) => candidate.service === service);
    if (!container) throw new Error(`There is no container of ${service}.`);
    return container;
  };

  return {
    options: general,
    environment,
    compose: (...args) => docker("compose", ...general, ...args),
    containers,
    async kill(service, withinMs) {
      const { id, pid } = await find(service);
      const begun = performance.now();
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Another machine's process, or another user's. Docker does not restart what it was told to kill.
        await docker("kill", id);
        await docker("start", id);
      }
      for (;;) {
        const now = await find(service);
        const ms = Math.round(performance.now() - begun);
        if (now.running && now.pid !== pid && (now.health === "healthy" || now.health === "none")) return ms;
        if (ms > withinMs) throw new Error(`${service} is ${now.health} ${withinMs / 1000} s after it was killed.`);
        await pause(POLL_MS);
      }
    },
    async untilHealthy(withinMs) {
      const begun = performance.now();
      for (;;) {
        const waiting = (await containers()).filter(({ running, health, exitCode }) =>
          running ? health !== "healthy" && health !== "none" : exitCode !== 0,
        );
        if (waiting.length === 0) return;
        if (performance.now() - begun > withinMs)
          throw new Error(
            `Not healthy within ${withinMs / 1000} s: ${waiting.map(({ service, health }) => `${service} (${health})`).join(", ")}.`,
          );
        await pause(POLL_MS);
      }
    },
  };
};
