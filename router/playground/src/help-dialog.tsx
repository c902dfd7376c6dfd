import { Dialog } from "@graphiql/react";
import { useEffect, useState } from "react";
import { Question } from "./icons.tsx";
import { Keys, shortcuts } from "./keys.tsx";

const entries: readonly { keys: string; does: string }[] = [
  { keys: shortcuts.run, does: "Run the operation, or stop it" },
  { keys: shortcuts.complete, does: "Complete what is being typed" },
  { keys: shortcuts.leaveEditor, does: "Let Tab leave the editor, or indent again" },
  { keys: "Enter", does: "Type in an editor that Tab has reached" },
  { keys: shortcuts.prettify, does: "Format the operation, variables and headers" },
  { keys: shortcuts.merge, does: "Merge fragments into the operation" },
  { keys: shortcuts.copy, does: "Copy the operation" },
  { keys: shortcuts.searchEditor, does: "Search in the editor" },
  { keys: shortcuts.searchDocs, does: "Search the documentation" },
  { keys: shortcuts.reloadSchema, does: "Load the schema again" },
  { keys: shortcuts.commands, does: "All commands of the editor" },
  { keys: shortcuts.settings, does: "Settings" },
  { keys: "?", does: "This help, outside of an editor" },
];

export function HelpDialog() {
  const [open, setOpen] = useState(false);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "?" && !isTyping(event.target)) setOpen(true);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return (
    <>
      <button
        type="button"
        className="shell-button shell-button-icon"
        aria-label="Help and keyboard shortcuts"
        onClick={() => setOpen(true)}
      >
        <Question />
      </button>
      <Dialog open={open} onOpenChange={setOpen}>
        <HelpContent />
      </Dialog>
    </>
  );
}

function HelpContent() {
  return (
    <div className="shell-help">
      <div className="shell-help-header">
        <Dialog.Title className="shell-help-title">Keyboard shortcuts</Dialog.Title>
        <Dialog.Close />
      </div>
      <Dialog.Description className="shell-help-text">
        Everything here can be done without a mouse. Inside an editor Tab indents; press{" "}
        <Keys keys={shortcuts.leaveEditor} /> once and it moves on to the next control instead.
      </Dialog.Description>
      <dl className="shell-help-list">
        {entries.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              <Keys keys={keys} />
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p className="shell-help-text">
        The access token of “Sign in as” stays in this browser tab and goes to the endpoint only. An Authorization
        header that you write under Headers wins over it. Subscriptions stream into the result until you stop them.
      </p>
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, [contenteditable=true]") !== null;
}
