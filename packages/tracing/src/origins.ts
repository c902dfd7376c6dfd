import { type Context, context, type Link, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { inSpan } from "./spans.ts";

/** The span in which something was asked for that is done later, and maybe together with what others asked for. */
export type Origin = Context;

export const originNow = (): Origin => context.active();

/** Does what was asked for in `origins`: where that is one, in its span; for several in a span, and trace, of its own, linked to all. */
export const together = <T>(name: string, origins: readonly Origin[], work: () => Promise<T>): Promise<T> => {
  const [only, ...others] = origins;
  if (only && others.length === 0) return context.with(only, work);
  return inSpan(name, { parent: ROOT_CONTEXT, links: origins.flatMap(linkTo) }, work);
};

const linkTo = (origin: Origin): Link[] => {
  const its = trace.getSpanContext(origin);
  return its ? [{ context: its }] : [];
};
