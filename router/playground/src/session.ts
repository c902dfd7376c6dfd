import { type Account, isObject, type SignInConfig } from "./config.ts";
import { readSignInAnswer } from "./sign-in-answer.ts";
import { createStore, type Store } from "./store.ts";

export type SessionState =
  | { kind: "guest" }
  | { kind: "signingIn"; account: Account }
  | { kind: "failed"; account: Account; messages: readonly string[] }
  | { kind: "signedIn"; account: Account; token: string }
  | { kind: "expired"; account: Account };

export interface Session {
  readonly state: Store<SessionState>;
  /** The token that requests carry now, or null. */
  token(): string | null;
  signIn(account: Account): Promise<void>;
  signOut(): void;
  /** The endpoint refused this token. A token that has been replaced meanwhile changes nothing. */
  expire(token: string): void;
}

/** Lives as long as the browser tab: a reload keeps it, closing the tab forgets it. */
const storageKey = "playground:session";

export function createSession(endpoint: string, signIn: SignInConfig | null): Session {
  const state = createStore<SessionState>(restore(endpoint, signIn));
  let attempts = 0;
  const move = (next: SessionState): void => {
    remember(endpoint, next);
    state.set(next);
  };
  return {
    state,
    token: () => {
      const now = state.get();
      return now.kind === "signedIn" ? now.token : null;
    },
    async signIn(account) {
      if (!signIn) return;
      attempts += 1;
      const attempt = attempts;
      move({ kind: "signingIn", account });
      const next = await askToSignIn(endpoint, signIn, account);
      // A later choice of the user wins over a slow answer to an earlier one.
      if (attempt === attempts) move(next);
    },
    signOut() {
      attempts += 1;
      move({ kind: "guest" });
    },
    expire(token) {
      const now = state.get();
      if (now.kind === "signedIn" && now.token === token) move({ kind: "expired", account: now.account });
    },
  };
}

async function askToSignIn(endpoint: string, signIn: SignInConfig, account: Account): Promise<SessionState> {
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query: signIn.operation, variables: account.variables }),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (answer === null) {
      return { kind: "failed", account, messages: [`The endpoint answered ${response.status} without JSON.`] };
    }
    const read = readSignInAnswer(answer, signIn.tokenPath);
    if (read.kind === "signedIn") return { kind: "signedIn", account, token: read.token };
    return { kind: "failed", account, messages: read.messages };
  } catch {
    return { kind: "failed", account, messages: ["The endpoint cannot be reached."] };
  }
}

function restore(endpoint: string, signIn: SignInConfig | null): SessionState {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? "null");
    if (!isObject(stored) || stored.endpoint !== endpoint || typeof stored.token !== "string") return { kind: "guest" };
    const account = signIn?.accounts.find(({ label }) => label === stored.label);
    return account ? { kind: "signedIn", account, token: stored.token } : { kind: "guest" };
  } catch {
    return { kind: "guest" };
  }
}

function remember(endpoint: string, state: SessionState): void {
  try {
    if (state.kind !== "signedIn") sessionStorage.removeItem(storageKey);
    else {
      const { account, token } = state;
      sessionStorage.setItem(storageKey, JSON.stringify({ endpoint, label: account.label, token }));
    }
  } catch {
    // Storage may be off in this browser: the session then ends with the page.
  }
}
