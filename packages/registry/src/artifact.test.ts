import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeArtifact, encodeArtifact } from "./artifact.ts";
import { anArtifact, encoded } from "./testing/artifacts.ts";

describe("an artifact", () => {
  it("is known by its hash, whatever order its subgraphs were given in", async () => {
    const { hash } = await encoded({ orders: "1", products: "2" });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await encoded({ products: "2", orders: "1" })).hash).toBe(hash);
    expect((await encoded({ products: "3", orders: "1" })).hash).not.toBe(hash);
  });

  it("is read back as it was", async () => {
    const { hash, bytes } = await encodeArtifact(anArtifact());
    expect(await decodeArtifact(hash, bytes)).toEqual(anArtifact());
  });

  const corruptions: Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
    "half of it": async (bytes) => bytes.subarray(0, bytes.length / 2),
    "nothing of it": async () => new Uint8Array(),
    "another one": async () => (await encoded({ products: "2" })).bytes,
    "one bit is another": async (bytes) => bytes.map((byte, index) => (index === bytes.length - 20 ? byte ^ 1 : byte)),
    "something that unpacks to far more than any artifact has": async () => gzipSync(Buffer.alloc(129_000_000)),
  };
  for (const [what, corrupt] of Object.entries(corruptions))
    it(`is refused when what is stored is ${what}`, async () => {
      const { hash, bytes } = await encoded();
      await expect(decodeArtifact(hash, await corrupt(bytes))).rejects.toMatchObject({
        code: "ARTIFACT_CORRUPT",
        message: expect.stringContaining(hash),
      });
    });
});
