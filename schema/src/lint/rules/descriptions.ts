import { type ConstDirectiveNode, isTypeDefinitionNode, type StringValueNode } from "graphql";
import { directiveOf, type Element, type Field, isInaccessible, type Part, type Type } from "../graph.ts";
import type { LintCode, Named, Report, Rule } from "../rule.ts";

/**
 * One subgraph's description suffices. None is asked of what is @external here, as its owner describes it; of what is
 * @inaccessible, as clients do not see it; of extensions, which cannot have one; and of the root types, whose names say all.
 */
export const descriptions: Rule = {
  type(type, { report }) {
    if (type.root !== null) return;
    const definitions = type.parts.filter(
      ({ node, linked }) => isTypeDefinitionNode(node) && directiveOf(node, linked, "extends") === undefined,
    );
    demand("LINT_TYPE_UNDESCRIBED", type, definitions, [], report);
  },
  field: (field, type, { report }) => demand("LINT_FIELD_UNDESCRIBED", field, field.parts, [type], report),
  argument: (argument, field, type, { report }) =>
    demand("LINT_ARGUMENT_UNDESCRIBED", argument, argument.parts, [field, type], report),
  inputField: (field, type, { report }) => demand("LINT_INPUT_FIELD_UNDESCRIBED", field, field.parts, [type], report),
  enumValue: (value, type, { report }) => demand("LINT_ENUM_VALUE_UNDESCRIBED", value, value.parts, [type], report),
};

type Describable = Named & {
  readonly description?: StringValueNode;
  readonly directives?: readonly ConstDirectiveNode[];
};

const demand = <Node extends Describable>(
  code: LintCode,
  element: Element<Node>,
  parts: readonly Part<Node>[],
  inside: readonly (Type | Field)[],
  report: Report,
): void => {
  if (parts.some(({ node: { description } }) => description !== undefined && description.value.trim() !== "")) return;
  const own = parts.filter(({ isExternal }) => !isExternal);
  if (own.length === 0 || isInaccessible(element) || inside.some(isInaccessible)) return;
  report(code, element, { message: `${element.coordinate} has no description in any subgraph.` }, own);
};
