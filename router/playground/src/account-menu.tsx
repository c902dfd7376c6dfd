import { Item, RadioGroup, RadioItem } from "@radix-ui/react-dropdown-menu";
import type { Account } from "./config.ts";
import { Check, Chevron, Person } from "./icons.tsx";
import { Menu } from "./menu.tsx";
import type { Session, SessionState } from "./session.ts";
import { useStored } from "./store.ts";

export function AccountMenu({ accounts, session }: { accounts: readonly Account[]; session: Session }) {
  const state = useStored(session.state);
  const { identity } = state;
  const current = identity.kind === "signedIn" ? identity.account : null;
  return (
    <>
      <Menu
        label="Sign in as"
        trigger={
          <button type="button" className="shell-button shell-account" data-identity={identity.kind}>
            <Person />
            <span className="shell-account-label">{buttonLabel(state)}</span>
            <Chevron />
          </button>
        }
      >
        <RadioGroup value={current?.label ?? ""}>
          {accounts.map((account) => (
            <RadioItem
              key={account.label}
              className="shell-menu-item"
              value={account.label}
              onSelect={() => void session.signIn(account)}
            >
              <span>{account.label}</span>
              {account === current && <Check />}
            </RadioItem>
          ))}
        </RadioGroup>
        {current && (
          <Item className="shell-menu-item shell-menu-separated" onSelect={() => session.signOut()}>
            Sign out
          </Item>
        )}
      </Menu>
      <output className="shell-visually-hidden">{announcement(state)}</output>
    </>
  );
}

function buttonLabel({ identity, attempt }: SessionState): string {
  if (attempt?.kind === "pending") return "Signing in…";
  return identity.kind === "signedIn" ? `Signed in as ${identity.account.label}` : "Sign in as";
}

function announcement({ identity, attempt }: SessionState): string {
  if (attempt?.kind === "pending") return `Signing in as ${attempt.account.label}`;
  if (identity.kind === "signedIn") return `Signed in as ${identity.account.label}`;
  return identity.kind === "guest" ? "Not signed in" : "";
}
