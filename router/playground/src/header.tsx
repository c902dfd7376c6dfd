import { AccountMenu } from "./account-menu.tsx";
import type { PlaygroundConfig } from "./config.ts";
import { HelpDialog } from "./help-dialog.tsx";
import { Mark } from "./icons.tsx";
import { OperationsMenu } from "./operations-menu.tsx";
import type { Session } from "./session.ts";
import { ThemeMenu } from "./theme-menu.tsx";

export function Header({ config, session }: { config: PlaygroundConfig; session: Session }) {
  return (
    <header className="shell-header">
      <Mark />
      <h1 className="shell-title">{config.title}</h1>
      <span className="shell-endpoint" title={config.endpoint}>
        <span className="shell-visually-hidden">GraphQL endpoint </span>
        {new URL(config.endpoint).pathname}
      </span>
      <div className="shell-header-actions">
        {config.operations.length > 0 && <OperationsMenu operations={config.operations} />}
        {config.signIn && config.signIn.accounts.length > 0 && (
          <AccountMenu accounts={config.signIn.accounts} session={session} />
        )}
        <ThemeMenu />
        <HelpDialog />
      </div>
    </header>
  );
}
