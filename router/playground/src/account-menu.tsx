import { DropdownMenu } from "@graphiql/react";
import type { Account } from "./config.ts";
import { Check, Chevron, Person } from "./icons.tsx";
import type { Session, SessionState } from "./session.ts";
import { useStored } from "./store.ts";

export function AccountMenu({ accounts, session }: { accounts: readonly Account[]; session: Session }) {
  const state = useStored(session.state);
  return (
    <>
      <DropdownMenu>
        <DropdownMenu.Button className="shell-button shell-account" data-state-of-session={state.kind}>
          <Person />
          <span className="shell-account-label">{buttonLabel(state)}</span>
          <Chevron />
        </DropdownMenu.Button>
        <DropdownMenu.Content className="shell-menu" align="end" aria-label="Sign in as">
          {accounts.map((account) => {
            const current = state.kind === "signedIn" && state.account === account;
            return (
              <DropdownMenu.Item
                key={account.label}
                className="shell-menu-item"
                role="menuitemradio"
                aria-checked={current}
                onSelect={() => void session.signIn(account)}
              >
                <span>{account.label}</span>
                {current && <Check />}
              </DropdownMenu.Item>
            );
          })}
          {state.kind === "signedIn" && (
            <DropdownMenu.Item className="shell-menu-item shell-menu-separated" onSelect={() => session.signOut()}>
              Sign out
            </DropdownMenu.Item>
          )}
        </DropdownMenu.Content>
      </DropdownMenu>
      <output className="shell-visually-hidden">{announcement(state)}</output>
    </>
  );
}

function buttonLabel(state: SessionState): string {
  if (state.kind === "signingIn") return "Signing in…";
  if (state.kind === "signedIn") return `Signed in as ${state.account.label}`;
  return "Sign in as";
}

function announcement(state: SessionState): string {
  if (state.kind === "signingIn") return `Signing in as ${state.account.label}`;
  if (state.kind === "signedIn") return `Signed in as ${state.account.label}`;
  return state.kind === "guest" ? "Not signed in" : "";
}
