import { parseOptions } from "@node-rs/argon2";
import { describe, expect, it } from "vitest";
import { createPasswordHasher } from "./passwords.ts";

const PASSWORD = "correct horse battery staple";

describe("the password hasher", () => {
  it("hashes with argon2id at 19 MiB, two passes and one lane, salted", async () => {
    const hasher = await createPasswordHasher();
    const [one, two] = await Promise.all([hasher.hash(PASSWORD), hasher.hash(PASSWORD)]);
    expect(one).toMatch(/^\$argon2id\$/);
    expect(parseOptions(one)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    expect(one).not.toBe(two);
  });

  it("knows the right password from a wrong one", async () => {
    const hasher = await createPasswordHasher();
    const hash = await hasher.hash(PASSWORD);
    expect(await hasher.verify(PASSWORD, hash)).toBe(true);
    expect(await hasher.verify(`${PASSWORD}!`, hash)).toBe(false);
  });

  it("says no without a hash or without a password", async () => {
    const hasher = await createPasswordHasher();
    expect(await hasher.verify(PASSWORD, undefined)).toBe(false);
    expect(await hasher.verify(undefined, await hasher.hash(""))).toBe(false);
  });

  it("turns away whoever would wait behind a full queue, and serves the rest", async () => {
    const hasher = await createPasswordHasher({ concurrency: 1, queue: 1 });
    const results = await Promise.allSettled([1, 2, 3].map(() => hasher.verify(PASSWORD, undefined)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(results[2]).toMatchObject({ reason: { extensions: { code: "OVERLOADED" } } });
  });
});
