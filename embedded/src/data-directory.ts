import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { PORTS_AFTER_ROUTER } from "./subgraphs.ts";

/** Something about the machine keeps the supergraph from starting; the message says what and what to do. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
  readonly code: "DATA_DIR_UNWRITABLE" | "PORT_TAKEN" | "NATS_SERVER_MISSING";
  constructor(code: EnvironmentError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Makes the folder and proves that it can be written. */
export const prepareDataDirectory = async (directory: string): Promise<void> => {
  const probe = join(directory, ".writable");
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvironmentError(
      "DATA_DIR_UNWRITABLE",
      `The data folder ${directory} cannot be written (${reason}). Make it writable, or choose another: DATA_DIR=/some/folder npm start`,
    );
  }
};

/** Looks before anything slow is started. The listener itself checks again, so a race is caught too. */
export const expectFreePorts = async (host: string, ports: Readonly<Record<string, number>>): Promise<void> => {
  for (const [what, port] of Object.entries(ports)) {
    if (!(await isFree(host, port))) {
      throw new EnvironmentError(
        "PORT_TAKEN",
        `Port ${port} on ${host}, meant for ${what}, is taken by another process. Stop that process, or choose other ports: PORT=5000 npm start takes 5000 to ${5000 + PORTS_AFTER_ROUTER}.`,
      );
    }
  }
};

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
