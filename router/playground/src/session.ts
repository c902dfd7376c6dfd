import { type Account, isObject, type SignInConfig } from "./config.ts";
import { readSignInAnswer, type SignInAnswer } from "./sign-in-answer.ts";
import { createStore, type Store } from "./store.ts";

export interface SessionState {
  readonly identity: Identity;
  /** A sign-in under way or failed. Until one succeeds, requests go on as `identity`. */
  readonly attempt: Attempt | null;
}

export type Identity =
  | { kind: "guest" }
  | { kind: "signedIn"; account: Account; token: string }
  | { kind: "expired"; account: Account };

export type Attempt =
  | { kind: "pending"; account: Account }
  | { kind: "failed"; account: Account; messages: readonly string[] };

export interface Session {
  readonly state: Store<SessionState>;
  /** The token that requests carry now, or null. */
  token(): string | null;
  signIn(account: Account): Promise<void>;
  signOut(): void;
  /** The user has read about a failed attempt or an expired session. */
  dismiss(): void;
  /** The endpoint refused this token. A token that has been replaced meanwhile changes nothing. */
  expire(token: string): void;
}

/** Lives as long as the browser tab: a reload keeps it, closing the tab forgets it. */
const storageKey = "playground:session";

export function createSession(endpoint: string, signIn: SignInConfig | null): Session {
  const state = createStore<SessionState>({ identity: restore(endpoint, signIn), attempt: null });
  const become = (identity: Identity): void => {
    remember(endpoint, identity);
    state.set({ identity, attempt: null });
  };
  return {
    state,
    token: () => {
      const { identity } = state.get();
      return identity.kind === "signedIn" ? identity.token : null;
    },
    async signIn(account) {
      if (!signIn) return;
      const attempt: Attempt = { kind: "pending", account };
      state.set({ ...state.get(), attempt });
      const answer = await askToSignIn(endpoint, signIn, account);
      // A later choice of the user wins over a slow answer to an earlier one.
      if (state.get().attempt !== attempt) return;
      if (answer.kind === "signedIn") become({ kind: "signedIn", account, token: answer.token });
      else state.set({ ...state.get(), attempt: { kind: "failed", account, messages: answer.messages } });
    },
    signOut: () => become({ kind: "guest" }),
    dismiss() {
      const { identity } = state.get();
      become(identity.kind === "expired" ? { kind: "guest" } : identity);
    },
    expire(token) {
      const { identity, attempt } = state.get();
      if (identity.kind !== "signedIn" || identity.token !== token) return;
      const expired: Identity = { kind: "expired", account: identity.account };
      remember(endpoint, expired);
      state.set({ identity: expired, attempt });
    },
  };
}

async function askToSignIn(endpoint: string, signIn: SignInConfig, account: Account): Promise<SignInAnswer> {
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query: signIn.operation, variables: account.variables }),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (answer !== null) return readSignInAnswer(answer, signIn.tokenPath);
    return { kind: "refused", messages: [`The endpoint answered ${response.status} without JSON.`] };
  } catch {
    return { kind: "refused", messages: ["The endpoint cannot be reached."] };
  }
}

function restore(endpoint: string, signIn: SignInConfig | null): Identity {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? "null");
    if (!isObject(stored) || stored.endpoint !== endpoint || typeof stored.token !== "string") return { kind: "guest" };
    const account = signIn?.accounts.find(({ label }) => label === stored.label);
    return account ? { kind: "signedIn", account, token: stored.token } : { kind: "guest" };
  } catch {
    return { kind: "guest" };
  }
}

function remember(endpoint: string, identity: Identity): void {
  try {
    if (identity.kind !== "signedIn") sessionStorage.removeItem(storageKey);
    else {
      const { account, token } = identity;
      sessionStorage.setItem(storageKey, JSON.stringify({ endpoint, label: account.label, token }));
    }
  } catch {
    // Storage may be off in this browser: the session then ends with the page.
  }
}
