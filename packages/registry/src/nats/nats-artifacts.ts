import type { KV } from "nats";
import { z } from "zod";
import { isArtifact } from "../artifact.ts";
import { RegistryError } from "../errors.ts";
import { parseRecord } from "../pointer.ts";

const Manifest = z.object({ pieces: z.int().min(1).max(1_000), bytes: z.int().min(1) });

/** Where a message's headers and subject go. */
const ROOM_BESIDE_A_PIECE = 4_096;
const MAX_PIECE_BYTES = 524_288;

/**
 * Artifacts in a bucket: in pieces, since a broker takes a megabyte at a time unless it was told otherwise. What tells their
 * number is written last, so that an artifact is there with all of its pieces or not at all.
 */
export const createNatsArtifacts = (kv: KV, { maxPayload, place }: { maxPayload: number; place: string }) => {
  const pieceBytes = Math.min(MAX_PIECE_BYTES, maxPayload - ROOM_BESIDE_A_PIECE);
  const keyOf = (hash: string): string => `artifact.${hash}`;

  const read = async (hash: string): Promise<Uint8Array> => {
    const manifest = await kv.get(keyOf(hash));
    if (manifest?.operation !== "PUT")
      throw new RegistryError("ARTIFACT_MISSING", `There is no artifact ${hash} at ${place}.`);
    const { pieces } = parseRecord(Manifest, manifest.string(), `artifact.${hash}`);
    const found = await Promise.all(Array.from({ length: pieces }, (_, index) => kv.get(`${keyOf(hash)}.${index}`)));
    return Buffer.concat(
      found.map((piece, index) => {
        if (piece?.operation === "PUT") return piece.value;
        throw new RegistryError("ARTIFACT_MISSING", `Piece ${index} of the artifact ${hash} is not at ${place}.`);
      }),
    );
  };

  return {
    read,
    async keep(hash: string, bytes: Uint8Array): Promise<void> {
      const isThere = await read(hash).then(
        (kept) => isArtifact(hash, kept),
        (error: unknown) => {
          if (error instanceof RegistryError) return false;
          throw error;
        },
      );
      if (isThere) return;
      const pieces = Math.ceil(bytes.length / pieceBytes);
      for (let index = 0; index < pieces; index += 1)
        await kv.put(`${keyOf(hash)}.${index}`, bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes));
      await kv.put(keyOf(hash), JSON.stringify({ pieces, bytes: bytes.length }));
    },
  };
};
