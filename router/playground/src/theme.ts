export type Theme = "light" | "dark" | null;

/** Where GraphiQL keeps its choice; the header's menu sets it through GraphiQL, so that there is one. */
const storageKey = "graphiql:theme";

export const darkSystem = (): MediaQueryList => window.matchMedia("(prefers-color-scheme: dark)");

/** GraphiQL applies the theme once it runs: until then, and where it never runs, the page must not flash in the other. */
export function applyRememberedTheme(): void {
  try {
    const remembered = localStorage.getItem(storageKey);
    if (remembered === "light" || remembered === "dark") document.body.classList.add(`graphiql-${remembered}`);
  } catch {
    // Without storage there is nothing to remember: the system's theme holds.
  }
}
