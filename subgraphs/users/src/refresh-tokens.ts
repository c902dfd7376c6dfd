import { createHash, randomBytes } from "node:crypto";
import type { NewRefreshToken } from "./db/sessions.ts";
import { refreshTokenExpiry } from "./domain/session.ts";

const TOKEN_BYTES = 32;
const TOKEN_LENGTH = Math.ceil((TOKEN_BYTES * 4) / 3);

export interface IssuedRefreshToken {
  /** What the client gets, and nobody else ever sees. */
  readonly token: string;
  readonly row: NewRefreshToken;
}

/** 256 random bits; a fast hash of them is enough, since there is nothing to guess. */
export const issueRefreshToken = (now: Date): IssuedRefreshToken => {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  return { token, row: { tokenHash: sha256(token), createdAt: now, expiresAt: refreshTokenExpiry(now) } };
};

/** Undefined for what cannot be a refresh token. */
export const hashRefreshToken = (token: string): Buffer | undefined =>
  token.length === TOKEN_LENGTH ? sha256(token) : undefined;

export const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
