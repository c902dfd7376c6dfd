import {
  type ConstDirectiveNode,
  DEFAULT_DEPRECATION_REASON,
  GraphQLDeprecatedDirective,
  type InputValueDefinitionNode,
  Kind,
} from "graphql";
import type { Element } from "../graph.ts";
import type { Named, Report, Rule } from "../rule.ts";

/** A deprecation says where to go, and is of what clients can leave out. */
export const deprecations: Rule = {
  field: (field, _type, { report }) => demandReason(field, report),
  argument(argument, _field, _type, { report }) {
    demandReason(argument, report);
    demandOptional(argument, "argument", report);
  },
  inputField(field, _type, { report }) {
    demandReason(field, report);
    demandOptional(field, "input field", report);
  },
  enumValue: (value, _type, { report }) => demandReason(value, report),
  directive(directive, { report }) {
    for (const argument of directive.arguments.values()) {
      demandReason(argument, report);
      demandOptional(argument, "argument", report);
    }
  },
};

type Deprecable = Named & { readonly directives?: readonly ConstDirectiveNode[] };

const deprecationOf = ({ directives }: Deprecable): ConstDirectiveNode | undefined =>
  directives?.find(({ name }) => name.value === GraphQLDeprecatedDirective.name);

/** What subgraphs say differently composition merges as it likes: each has to say it. */
const demandReason = <Node extends Deprecable>(element: Element<Node>, report: Report): void => {
  const silent = element.parts.filter(({ node }) => {
    const deprecation = deprecationOf(node);
    return deprecation !== undefined && !hasReason(deprecation);
  });
  if (silent.length === 0) return;
  const message = `${element.coordinate} is deprecated, and nothing says what to use instead.`;
  report("LINT_DEPRECATION_WITHOUT_REASON", element, { message }, silent, (node) => deprecationOf(node) ?? node.name);
};

const hasReason = ({ arguments: args = [] }: ConstDirectiveNode): boolean => {
  const reason = args.find(({ name }) => name.value === "reason")?.value;
  if (reason?.kind !== Kind.STRING) return false;
  const text = reason.value.trim().replace(/\.$/, "").toLowerCase();
  return text !== "" && text !== DEFAULT_DEPRECATION_REASON.toLowerCase();
};

const demandOptional = (element: Element<InputValueDefinitionNode>, what: string, report: Report): void => {
  const deprecated = element.parts.filter(({ node }) => deprecationOf(node) !== undefined);
  const isRequired = element.parts.some(({ node }) => node.type.kind === Kind.NON_NULL_TYPE && !node.defaultValue);
  if (deprecated.length === 0 || !isRequired) return;
  const message = `The ${what} ${element.coordinate} is deprecated, and clients must give it.`;
  report("LINT_DEPRECATED_REQUIRED", element, { message }, deprecated);
};
