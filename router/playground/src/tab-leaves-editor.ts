import { isMacOs, pick, useGraphiQL, useMonaco } from "@graphiql/react";
import { useEffect, useState } from "react";

/** Whether Tab moves the focus out of the editors now; Monaco keeps that once for all of them. */
export function useTabLeavesEditor(): boolean {
  const monaco = useMonaco((state) => state.monaco);
  const { queryEditor, variableEditor, headerEditor, responseEditor } = useGraphiQL(
    pick("queryEditor", "variableEditor", "headerEditor", "responseEditor"),
  );
  const [leaves, setLeaves] = useState(false);

  useEffect(() => {
    if (!monaco || !queryEditor) return;
    const option = monaco.editor.EditorOption.tabFocusMode;
    setLeaves(queryEditor.getOption(option));
    const listening = queryEditor.onDidChangeConfiguration((event) => {
      if (event.hasChanged(option)) setLeaves(queryEditor.getOption(option));
    });
    return () => listening.dispose();
  }, [monaco, queryEditor]);

  useEffect(() => {
    // On macOS Monaco has it on Ctrl+Shift+M, which GraphiQL takes for merging fragments.
    if (!monaco || !isMacOs) return;
    const added = [queryEditor, variableEditor, headerEditor, responseEditor].map((editor) =>
      editor?.addAction({
        id: "playground-toggle-tab",
        label: "Toggle whether Tab leaves the editor",
        keybindings: [monaco.KeyMod.WinCtrl | monaco.KeyCode.KeyM],
        run: () => editor.trigger("playground", "editor.action.toggleTabFocusMode", null),
      }),
    );
    return () => {
      for (const action of added) action?.dispose();
    };
  }, [monaco, queryEditor, variableEditor, headerEditor, responseEditor]);

  return leaves;
}
