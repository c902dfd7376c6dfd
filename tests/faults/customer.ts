import { z } from "zod";
import { type Graph, type GraphAnswer, requestBody } from "./graph.ts";
import type { Account } from "./model.ts";

/** Somebody who is signed in, or can be. */
export interface Customer {
  readonly account: Account;
  /** Whether asking needs no signing in before. */
  readonly isSignedIn: boolean;
  /** Asks as this customer: signs in and renews the session as needed. What that fails with is the answer. */
  ask(body: string): Promise<GraphAnswer>;
}

/** An access token lives 15 minutes. */
const RENEW_AFTER_MS = 9 * 60_000;
const EXPIRED_AFTER_MS = 14 * 60_000;

const SIGN_IN = "mutation($input:LoginInput!){session:login(input:$input){accessToken refreshToken userErrors{code}}}";
const RENEW =
  "mutation($token:String!){session:refreshSession(refreshToken:$token){accessToken refreshToken userErrors{code}}}";

const SessionData = z.object({
  session: z.object({
    accessToken: z.string().nullable(),
    refreshToken: z.string().nullable(),
    userErrors: z.array(z.object({ code: z.string() })),
  }),
});

interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly since: number;
}

/** Runs few at a time: to compare a password is meant to be slow, and who waits too long is not answered any more. */
export type SignInQueue = <T>(signIn: () => Promise<T>) => Promise<T>;

const AT_ONCE = 4;

export const createSignInQueue = (): SignInQueue => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (signIn) => {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await signIn();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
};

export const createCustomer = (account: Account, graph: Graph, queue: SignInQueue): Customer => {
  let session: Session | null = null;
  let opening: Promise<GraphAnswer | Session> | null = null;

  const open = async (): Promise<GraphAnswer | Session> => {
    const since = performance.now();
    const renewed = session ? await graph.ask(requestBody(RENEW, { token: session.refreshToken }), null) : null;
    if (renewed && renewed.kind !== "data") return renewed;
    const { email, password } = account;
    // A session whose renewal was answered to nobody is revoked when it is renewed again: then by password.
    const opened =
      sessionOf(renewed, since) ??
      (await queue(() => graph.ask(requestBody(SIGN_IN, { input: { email, password } }), null)));
    if (!("kind" in opened)) return opened;
    if (opened.kind !== "data") return opened;
    return (
      sessionOf(opened, since) ?? {
        kind: "failed",
        evidence: `${email} could not sign in: ${JSON.stringify(opened.data).slice(0, 200)}`,
      }
    );
  };

  /** One at a time: renewing twice at once would look like a stolen token. */
  const openOnce = (): Promise<GraphAnswer | Session> => {
    opening ??= open()
      .then((opened) => {
        if (!("kind" in opened)) session = opened;
        return opened;
      })
      .finally(() => {
        opening = null;
      });
    return opening;
  };

  const current = async (): Promise<GraphAnswer | Session> => {
    if (session === null) return openOnce();
    const age = performance.now() - session.since;
    if (age > EXPIRED_AFTER_MS) return openOnce();
    // While the old token is good nobody waits for the new one, and users may be down.
    if (age > RENEW_AFTER_MS) void openOnce();
    return session;
  };

  return {
    account,
    get isSignedIn() {
      return session !== null;
    },
    async ask(body) {
      const signedIn = await current();
      if ("kind" in signedIn) return signedIn;
      const answer = await graph.ask(body, signedIn.accessToken);
      if (answer.kind !== "unauthenticated") return answer;
      if (performance.now() - signedIn.since < EXPIRED_AFTER_MS)
        return { kind: "failed", evidence: `${account.email} is UNAUTHENTICATED with a token that is still good` };
      session = null;
      return { kind: "retry", why: "the session is over", afterMs: 0 };
    },
  };
};

const sessionOf = (answer: GraphAnswer | null, since: number): Session | null => {
  if (answer?.kind !== "data") return null;
  const read = SessionData.safeParse(answer.data).data?.session;
  if (!read?.accessToken || !read.refreshToken) return null;
  return { accessToken: read.accessToken, refreshToken: read.refreshToken, since };
};
