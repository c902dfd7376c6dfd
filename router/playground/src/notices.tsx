import { Close } from "./icons.tsx";
import type { Session } from "./session.ts";
import { useStored } from "./store.ts";

/** What the user must know about signing in. Lies over the page, so that nothing jumps. */
export function Notices({ session }: { session: Session }) {
  const state = useStored(session.state);
  const notice =
    state.kind === "expired" || state.kind === "failed" ? { account: state.account, ...textOf(state) } : null;
  return (
    <div className="shell-notices" role="alert">
      {notice && (
        <div className="shell-notice">
          <div className="shell-notice-text">
            <strong>{notice.title}</strong>
            <span>{notice.text}</span>
          </div>
          <button type="button" className="shell-button" onClick={() => void session.signIn(notice.account)}>
            {notice.action}
          </button>
          <button
            type="button"
            className="shell-button shell-button-icon shell-button-quiet"
            aria-label="Dismiss"
            onClick={() => session.signOut()}
          >
            <Close />
          </button>
        </div>
      )}
    </div>
  );
}

function textOf(state: { kind: "expired" } | { kind: "failed"; messages: readonly string[] }) {
  if (state.kind === "expired") {
    return {
      title: "Session expired, sign in again",
      text: "Requests go without a token until then.",
      action: "Sign in again",
    };
  }
  return { title: "Signing in failed", text: state.messages.join(" "), action: "Try again" };
}
