import { describe, expect, it } from "vitest";
import { decideRefresh, type PresentedToken } from "./session.ts";

const noon = new Date("2026-01-31T12:00:00Z");
const earlier = new Date("2026-01-31T11:00:00Z");
const later = new Date("2026-01-31T13:00:00Z");

const aToken = (change: Partial<PresentedToken> = {}): PresentedToken => ({
  usedAt: null,
  expiresAt: later,
  session: { revokedAt: null },
  ...change,
});

describe("decideRefresh", () => {
  it("rotates a token that was never used", () => {
    expect(decideRefresh(aToken(), noon).kind).toBe("rotate");
  });

  it("sees reuse in a used token, without a grace period", () => {
    expect(decideRefresh(aToken({ usedAt: noon }), noon).kind).toBe("reused");
  });

  it("sees reuse in a used token even when it has expired or its session was revoked", () => {
    expect(decideRefresh(aToken({ usedAt: earlier, expiresAt: earlier }), noon).kind).toBe("reused");
    expect(decideRefresh(aToken({ usedAt: earlier, session: { revokedAt: earlier } }), noon).kind).toBe("reused");
  });

  it("refuses an unknown token, one of a revoked session, and one at its very expiry", () => {
    expect(decideRefresh(undefined, noon).kind).toBe("invalid");
    expect(decideRefresh(aToken({ session: { revokedAt: earlier } }), noon).kind).toBe("invalid");
    expect(decideRefresh(aToken({ expiresAt: noon }), noon).kind).toBe("invalid");
  });
});
