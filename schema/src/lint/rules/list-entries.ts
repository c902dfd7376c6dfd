import type { TypeNode } from "graphql";
import type { Element } from "../graph.ts";
import type { Named, Report, Rule } from "../rule.ts";
import { answersAList, entryTypeOf, isRequired, textOfType } from "../type-shapes.ts";

/** Entries of lists are not null, but for what answers one for each of what it is given: there null is "none". */
export const listEntries: Rule = {
  field(field, _type, { report }) {
    if (field.parts.some(({ node }) => mayHoldNull(node.type)) && !answersAList(field)) demandEntries(field, report);
  },
  argument: (argument, _field, _type, { report }) => demandEntries(argument, report),
  inputField: (field, _type, { report }) => demandEntries(field, report),
};

type Typed = Named & { readonly type: TypeNode };

const demandEntries = <Node extends Typed>(element: Element<Node>, report: Report): void => {
  const loose = element.parts.filter(({ node, isExternal }) => !isExternal && mayHoldNull(node.type));
  const [first] = loose;
  if (!first) return;
  const message = `${element.coordinate} is ${textOfType(first.node.type)}: its entries may be null.`;
  report("LINT_LIST_OF_NULLABLE", element, { message }, loose);
};

/** Lists in lists too. */
const mayHoldNull = (type: TypeNode): boolean => {
  const entry = entryTypeOf(type);
  return entry !== null && (!isRequired(entry) || mayHoldNull(entry));
};
