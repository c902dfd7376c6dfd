import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifySignature } from "./webhook-signature.ts";

const noon = new Date("2026-01-31T12:00:00Z");
const body = Buffer.from('{"größe":1}');

const sign = (at: Date, secret = "secret", signed: Buffer = body): string => {
  const timestamp = at.getTime() / 1_000;
  return `t=${timestamp},v1=${createHmac("sha256", secret).update(`${timestamp}.`).update(signed).digest("hex")}`;
};

const minutes = (count: number) => new Date(noon.getTime() + count * 60_000);

describe("a webhook's signature", () => {
  it.each([-5, 0, 5])("is valid when made %i minutes from now", (count) => {
    expect(verifySignature(sign(minutes(count)), body, "secret", noon)).toEqual({ kind: "valid" });
  });

  it.each([-5.1, 5.1])("is stale when made %f minutes from now", (count) => {
    expect(verifySignature(sign(minutes(count)), body, "secret", noon)).toEqual({ kind: "stale" });
  });

  it.each([undefined, ""])("is missing in %j", (header) => {
    expect(verifySignature(header, body, "secret", noon)).toEqual({ kind: "missing" });
  });

  it.each([
    sign(noon, "other"),
    sign(noon, "secret", Buffer.from("{}")),
    sign(noon).replace(/^t=\d+/, `t=${noon.getTime() / 1_000 + 1}`),
    sign(noon).toUpperCase(),
    sign(noon).slice(0, -1),
    `${sign(noon)},v1=0`,
    "t=,v1=",
    "garbage",
    "x".repeat(100_000),
  ])("is forged in %.40s", (header) => {
    expect(verifySignature(header, body, "secret", noon)).toEqual({ kind: "forged" });
  });
});
