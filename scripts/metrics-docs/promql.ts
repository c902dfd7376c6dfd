import { parser } from "@prometheus-io/lezer-promql";

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[];
}

/** What an expression asks for. */
export interface Promql {
  readonly selectors: readonly Selector[];
  /** Labels that it groups or matches by. */
  readonly grouping: readonly string[];
}

/**
 * Reads PromQL by Prometheus' own grammar. Grafana's variables may stand in strings and for durations.
 * @throws where the expression is not PromQL, or selects without naming a metric.
 */
export const readPromql = (text: string): Promql => {
  const expr = text.replaceAll(/\$(__rate_interval|__interval|__range)/g, "5m");
  const tree = parser.parse(expr);
  const selectors: Selector[] = [];
  const grouping = new Set<string>();
  tree.iterate({
    enter({ node }) {
      if (node.type.isError) throw new Error(`Not PromQL at ${node.from}: ${expr}`);
      if (node.name === "VectorSelector") selectors.push(selectorOf(node, expr));
      if (node.name === "GroupingLabels")
        for (const label of node.getChildren("LabelName")) grouping.add(expr.slice(label.from, label.to));
    },
  });
  return { selectors, grouping: [...grouping] };
};

type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

const selectorOf = (node: SyntaxNode, expr: string): Selector => {
  const textOf = ({ from, to }: { from: number; to: number }) => expr.slice(from, to);
  const name = node.getChild("Identifier");
  if (!name) throw new Error(`Expected a metric's name in ${textOf(node)}.`);
  const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
  return {
    metric: textOf(name),
    matchers: matchers.map((matcher) => {
      const [label, value] = [matcher.getChild("LabelName"), matcher.getChild("StringLiteral")];
      if (!label || !value) throw new Error(`Expected a label and a value in ${textOf(matcher)}.`);
      const string: unknown = JSON.parse(textOf(value));
      return { label: textOf(label), values: String(string).split("|") };
    }),
  };
};
