import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { generateSigningKey } from "@supergraph/service";
import { z } from "zod";
import { layout } from "./layout.ts";

const Jwk = z.looseObject({ kty: z.string(), kid: z.string() });
const Jwks = z.object({ keys: z.array(Jwk).min(1) });

const Secrets = z.object({
  /** When the data folder was first used; the example orders are dated from it. */
  createdAt: z.iso.datetime(),
  routerSigningKey: Jwk,
  routerPublicKeys: Jwks,
  accessTokenKeys: Jwks,
  providerApiKey: z.string(),
  providerWebhookSecret: z.string(),
});

/** The keys that the processes of one embedded supergraph share, made on its first start. */
export type Secrets = z.infer<typeof Secrets>;

/** The file is there but does not hold what it should. */
export class SecretsError extends Error {
  readonly code = "DATA_DIR_CORRUPT";
  override readonly name = "SecretsError";
}

/**
 * Reads the keys below `dataDirectory`, or makes them. They outlive a restart, so that sessions do too; the file is
 * readable by its owner only.
 * @throws SecretsError when the file cannot be understood.
 */
export const loadSecrets = async (dataDirectory: string): Promise<Secrets> => {
  const path = layout(dataDirectory).secrets;
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return createSecrets(path);
  try {
    return Secrets.parse(JSON.parse(text));
  } catch {
    throw new SecretsError(
      `${path} is damaged: it should hold the keys of this data folder. Restore it from a backup.`,
    );
  }
};

const createSecrets = async (path: string): Promise<Secrets> => {
  const { generateAccessTokenKeys } = await import("@supergraph/users/server");
  const router = await generateSigningKey();
  const secrets = Secrets.parse({
    createdAt: new Date().toISOString(),
    routerSigningKey: router.privateJwk,
    routerPublicKeys: router.publicJwks,
    accessTokenKeys: await generateAccessTokenKeys(),
    providerApiKey: randomBytes(24).toString("base64url"),
    providerWebhookSecret: randomBytes(32).toString("base64url"),
  });
  await mkdir(dirname(path), { recursive: true });
  // Written aside and renamed: a start that is killed half-way must not leave half a file.
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(secrets));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  return secrets;
};
