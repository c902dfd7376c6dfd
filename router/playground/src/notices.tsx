import type { Account } from "./config.ts";
import { Close } from "./icons.tsx";
import type { Session, SessionState } from "./session.ts";
import { useStored } from "./store.ts";

/** What the user must know about signing in. Lies over the page, so that nothing jumps. */
export function Notices({ session }: { session: Session }) {
  const notice = noticeOf(useStored(session.state));
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
            onClick={() => session.dismiss()}
          >
            <Close />
          </button>
        </div>
      )}
    </div>
  );
}

interface Notice {
  readonly account: Account;
  readonly title: string;
  readonly text: string;
  readonly action: string;
}

function noticeOf({ identity, attempt }: SessionState): Notice | null {
  if (attempt?.kind === "pending") return null;
  if (attempt) {
    const title = `Signing in as ${attempt.account.label} failed`;
    return { account: attempt.account, title, text: attempt.messages.join(" "), action: "Try again" };
  }
  if (identity.kind !== "expired") return null;
  return {
    account: identity.account,
    title: "Session expired, sign in again",
    text: "Requests go without a token until then.",
    action: `Sign in as ${identity.account.label}`,
  };
}
