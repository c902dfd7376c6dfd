import { type KV, type KvEntry, NatsError } from "nats";
import { z } from "zod";
import { isArtifact } from "../artifact.ts";
import { RegistryError } from "../errors.ts";
import { parseRecord } from "../pointer.ts";

const Manifest = z.object({ pieces: z.int().min(1).max(1_000), bytes: z.int().min(1) });

/** Where a message's headers and subject go. */
const ROOM_BESIDE_A_PIECE = 4_096;
const MAX_PIECE_BYTES = 524_288;

/** Far below the age at which somebody may drop it: who points to it after this has the time to. */
const KEPT_ANEW_AFTER_MS = 12 * 3_600_000;

const WRONG_LAST_SEQUENCE = 10_071;
/** Whether somebody else has written what this would have replaced. */
export const isOvertaken = (error: unknown): boolean =>
  error instanceof NatsError && error.api_error?.err_code === WRONG_LAST_SEQUENCE;

/**
 * Artifacts in a bucket: in pieces, since a broker takes a megabyte at a time unless it was told otherwise. What tells their
 * number is written last, so that an artifact is there with all of its pieces or not at all.
 */
export const createNatsArtifacts = (kv: KV, { maxPayload, place }: { maxPayload: number; place: string }) => {
  const pieceBytes = Math.min(MAX_PIECE_BYTES, maxPayload - ROOM_BESIDE_A_PIECE);
  const keyOf = (hash: string): string => `artifact.${hash}`;

  const manifestOf = async (hash: string): Promise<{ readonly entry: KvEntry; readonly pieces: number } | null> => {
    const entry = await kv.get(keyOf(hash));
    if (entry?.operation !== "PUT") return null;
    return { entry, pieces: parseRecord(Manifest, entry.string(), keyOf(hash)).pieces };
  };

  const piecesOf = (hash: string, pieces: number): Promise<(KvEntry | null)[]> =>
    Promise.all(Array.from({ length: pieces }, (_, index) => kv.get(`${keyOf(hash)}.${index}`)));

  const bytesOf = async (hash: string, pieces: number): Promise<Uint8Array> =>
    Buffer.concat(
      (await piecesOf(hash, pieces)).map((piece, index) => {
        if (piece?.operation === "PUT") return piece.value;
        throw new RegistryError("ARTIFACT_MISSING", `Piece ${index} of the artifact ${hash} is not at ${place}.`);
      }),
    );

  const isKept = async (hash: string): Promise<boolean> => {
    try {
      const manifest = await manifestOf(hash);
      if (manifest === null || Date.now() - manifest.entry.created.getTime() > KEPT_ANEW_AFTER_MS) return false;
      return await isArtifact(hash, await bytesOf(hash, manifest.pieces));
    } catch (error) {
      if (error instanceof RegistryError) return false;
      throw error;
    }
  };

  /** Unless somebody has kept it anew since it was read. */
  const drop = async ({ key, revision }: KvEntry): Promise<boolean> => {
    try {
      await kv.purge(key, { previousSeq: revision });
      return true;
    } catch (error) {
      if (isOvertaken(error)) return false;
      throw error;
    }
  };

  return {
    async read(hash: string): Promise<Uint8Array> {
      const manifest = await manifestOf(hash);
      if (manifest) return bytesOf(hash, manifest.pieces);
      throw new RegistryError("ARTIFACT_MISSING", `There is no artifact ${hash} at ${place}.`);
    },
    async keep(hash: string, bytes: Uint8Array): Promise<void> {
      if (await isKept(hash)) return;
      const pieces = Math.ceil(bytes.length / pieceBytes);
      for (let index = 0; index < pieces; index += 1)
        await kv.put(`${keyOf(hash)}.${index}`, bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes));
      await kv.put(keyOf(hash), JSON.stringify({ pieces, bytes: bytes.length }));
    },
    /** Drops those that were kept before `before`, but for the `used`. Answers how many. */
    async dropUnused(used: ReadonlySet<string>, before: Date): Promise<number> {
      const hashes: string[] = [];
      for await (const key of await kv.keys(keyOf("*"))) hashes.push(key.slice(keyOf("").length));
      let dropped = 0;
      for (const hash of hashes) {
        if (used.has(hash)) continue;
        const manifest = await manifestOf(hash);
        if (manifest === null || manifest.entry.created >= before) continue;
        const pieces = await piecesOf(hash, manifest.pieces);
        // Somebody who keeps it anew has written pieces already, and the manifest not yet.
        if (pieces.some((piece) => piece !== null && piece.created >= before)) continue;
        if (!(await drop(manifest.entry))) continue;
        for (const piece of pieces) if (piece?.operation === "PUT") await drop(piece);
        dropped += 1;
      }
      return dropped;
    },
  };
};
