/** Not of Monaco's public interface, which tells nobody about this mode; `monaco-editor` is pinned. */
declare module "monaco-editor/esm/vs/editor/browser/config/tabFocus.js" {
  /** Whether Tab moves the focus out of editors, for all of them at once. */
  export const TabFocus: {
    getTabFocusMode(): boolean;
    setTabFocusMode(on: boolean): void;
    onDidChangeTabFocus(listener: (on: boolean) => void): { dispose(): void };
  };
}
