import { isMacOs } from "@graphiql/react";
import { TabFocus } from "monaco-editor/esm/vs/editor/browser/config/tabFocus.js";
import { useEffect, useSyncExternalStore } from "react";

/** Whether Tab moves the focus out of the editors now. Ctrl+M changes it on every system. */
export function useTabLeavesEditor(): boolean {
  useEffect(() => {
    // On macOS Monaco has it on Ctrl+Shift+M, which GraphiQL takes for merging fragments.
    if (!isMacOs) return;
    const onKey = (event: KeyboardEvent): void => {
      if (!event.ctrlKey || event.shiftKey || event.altKey || event.metaKey || event.code !== "KeyM") return;
      event.preventDefault();
      TabFocus.setTabFocusMode(!TabFocus.getTabFocusMode());
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return useSyncExternalStore(subscribe, TabFocus.getTabFocusMode.bind(TabFocus));
}

function subscribe(listener: () => void): () => void {
  const listening = TabFocus.onDidChangeTabFocus(listener);
  return () => listening.dispose();
}
