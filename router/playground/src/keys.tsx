import { isMacOs } from "@graphiql/react";

/** One shortcut, such as `Ctrl+Enter`. */
export function Keys({ keys }: { keys: string }) {
  return <kbd className="shell-keys">{keys}</kbd>;
}

const command = isMacOs ? "⌘" : "Ctrl+";

export const shortcuts = {
  run: `${command}Enter`,
  complete: "Ctrl+Space",
  leaveEditor: "Ctrl+M",
  prettify: "Shift+Ctrl+P",
  merge: "Shift+Ctrl+M",
  copy: "Shift+Ctrl+C",
  reloadSchema: "Shift+Ctrl+R",
  searchEditor: `${command}F`,
  searchDocs: isMacOs ? "⌘K" : "Ctrl+Alt+K",
  commands: "F1",
  settings: `${command},`,
} as const;
