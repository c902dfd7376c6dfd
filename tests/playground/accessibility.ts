import axe from "axe-core";
import type { Page } from "playwright-core";

/** Faults of GraphiQL 5.4 that a shell around it cannot mend; everything else must be clean. */
const knownFaults: readonly { rule: string; selector: string; reason: string }[] = [
  {
    rule: "nested-interactive",
    selector: ".graphiql-tab[role=tab]",
    reason: "GraphiQL puts the buttons that choose and close a tab inside of the element with the role of a tab.",
  },
  {
    rule: "label-content-name-mismatch",
    selector: ".graphiql-history-item-label",
    reason: 'GraphiQL names each entry of the history "Set active" instead of by its text.',
  },
];

/**
 * What axe finds on the page as it stands, one line each. The page's strict policy forbids script tags, so axe is
 * injected. Monaco is left out: it has an accessible text area of its own over what it paints.
 */
export async function accessibilityFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<readonly string[]>(`(async () => {
    const known = ${JSON.stringify(knownFaults)};
    const options = { resultTypes: ["violations"], elementRef: true };
    const { violations } = await axe.run({ exclude: [[".monaco-editor"]] }, options);
    return violations.flatMap(({ id, nodes }) =>
      nodes
        .filter(({ element }) => !known.some(({ rule, selector }) => rule === id && element.matches(selector)))
        .map(({ target, failureSummary }) => id + ": " + target.join(" ") + ": " + failureSummary.replace(/\\s+/g, " ")),
    );
  })()`);
}
