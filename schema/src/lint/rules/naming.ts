import { OperationTypeNode } from "graphql";
import {
  camelCase,
  isCamelCase,
  isPascalCase,
  isScreamingSnakeCase,
  pascalCase,
  screamingSnakeCase,
} from "../cases.ts";
import type { Element, TypeKind } from "../graph.ts";
import type { LintCode, Named, Report, Rule } from "../rule.ts";

const told = (name: string, better: string, whatCase: string) => ({
  message: `${name} is not in ${whatCase}: ${better}.`,
});

/** Types are PascalCase, enum values SCREAMING_SNAKE_CASE, all else camelCase. */
export const naming: Rule = {
  type(type, { report }) {
    if (!isPascalCase(type.name)) report("LINT_TYPE_NAME", type, told(type.name, pascalCase(type.name), "PascalCase"));
  },
  field: (field, _type, { report }) => demandCamelCase("LINT_FIELD_NAME", field, report),
  argument: (argument, _field, _type, { report }) => demandCamelCase("LINT_ARGUMENT_NAME", argument, report),
  inputField: (field, _type, { report }) => demandCamelCase("LINT_INPUT_FIELD_NAME", field, report),
  enumValue(value, _type, { report }) {
    if (!isScreamingSnakeCase(value.name))
      report("LINT_ENUM_VALUE_NAME", value, told(value.name, screamingSnakeCase(value.name), "SCREAMING_SNAKE_CASE"));
  },
  directive(directive, { report }) {
    demandCamelCase("LINT_DIRECTIVE_NAME", directive, report);
    for (const argument of directive.arguments.values()) demandCamelCase("LINT_DIRECTIVE_NAME", argument, report);
  },
};

const demandCamelCase = <Node extends Named>(code: LintCode, element: Element<Node>, report: Report): void => {
  if (!isCamelCase(element.name)) report(code, element, told(element.name, camelCase(element.name), "camelCase"));
};

/** `enum OrderType` is the type of an order; `type OrderType` says that a type is a type. */
const AFFIXES: Readonly<Record<TypeKind, RegExp>> = {
  object: /.(Type|Object)$/,
  interface: /.(Type|Interface)$/,
  union: /.(Type|Union)$/,
  enum: /.(Enum)$/,
  input: /.(Type|InputObject)$/,
  scalar: /.(Type|Scalar)$/,
};

export const typeNameAffixes: Rule = {
  type(type, { report }) {
    const suffix = AFFIXES[type.kind].exec(type.name)?.[1];
    if (suffix === undefined) return;
    const shorter = type.name.slice(0, -suffix.length);
    report("LINT_TYPE_NAME_AFFIX", type, {
      message: `${type.name} says that it is a type of its kind: ${shorter}.`,
    });
  },
};

export const queryVerbs: Rule = {
  field(field, type, { settings, report }) {
    if (type.root !== OperationTypeNode.QUERY) return;
    const verb = settings.queryVerbs.find(
      (word) => field.name.startsWith(word) && /^[A-Z0-9_]/.test(field.name.slice(word.length)),
    );
    if (verb === undefined) return;
    const noun = camelCase(field.name.slice(verb.length));
    report("LINT_QUERY_VERB", field, {
      message: `${field.coordinate} begins with a verb: ${noun}.`,
      remedy: `Call it \`${noun}\`. Where clients use it already, add the new field beside it and deprecate this one.`,
    });
  },
};
