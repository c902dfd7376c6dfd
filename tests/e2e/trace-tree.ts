import type { ReceivedSpan } from "../../packages/service/src/testing/otlp-receiver.ts";

/** A span and what is below it, in the order of their names. */
export interface Branch {
  readonly span: ReceivedSpan;
  readonly below: readonly Branch[];
}

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

/** `orders CONSUMER handle orders.stock.reserve.v1` */
export const told = ({ name, kind, resource }: ReceivedSpan): string =>
  `${String(resource["service.name"])} ${KINDS[kind]} ${name}`;

/** The spans of one trace below `root`, a span of the caller's; those that hang in the air are `lost`. */
export const treeOf = (
  spans: readonly ReceivedSpan[],
  root: string,
): { readonly branches: readonly Branch[]; readonly lost: readonly ReceivedSpan[] } => {
  const ids = new Set([root, ...spans.map(({ spanId }) => spanId)]);
  const below = (id: string): Branch[] =>
    spans
      .filter(({ parentSpanId }) => parentSpanId === id)
      .map((span) => ({ span, below: below(span.spanId) }))
      .sort((one, other) => (told(one.span) < told(other.span) ? -1 : 1));
  return { branches: below(root), lost: spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? "")) };
};

/** The tree as indented lines, without what `isLeftOut`, and what is below that. Lines of one span that are the same stand once. */
export const draw = (
  branches: readonly Branch[],
  isLeftOut: (span: ReceivedSpan) => boolean,
  indent = "",
): string[] => {
  const drawn = branches
    .filter(({ span }) => !isLeftOut(span))
    .map(({ span, below }) => [`${indent}${told(span)}`, ...draw(below, isLeftOut, `${indent}  `)].join("\n"));
  return [...new Set(drawn)].flatMap((lines) => lines.split("\n"));
};
