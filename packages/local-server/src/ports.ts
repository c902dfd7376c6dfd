import { createServer } from "node:net";

/** Where local servers listen: nobody else's machine reaches them. */
export const LOOPBACK = "127.0.0.1";

/**
 * `preferred` when it is free, else one that the operating system gives. Somebody may take it before it is listened on:
 * be ready to ask again.
 */
export const freePort = async (preferred: number | null = null): Promise<number> => {
  if (preferred !== null && (await isFree(preferred))) return preferred;
  return await listenOn(0);
};

const isFree = (port: number): Promise<boolean> =>
  listenOn(port).then(
    () => true,
    () => false,
  );

const listenOn = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("A port has no number.")),
      );
    });
  });
