import { OperationTypeNode } from "graphql";
import type { Argument, Field, LintGraph } from "../graph.ts";
import type { Lint, Rule } from "../rule.ts";
import { entryTypeOf, isLeaf, isRequired, nameOf, singleTypeOf, textOfType } from "../type-shapes.ts";

/** One argument, `input: XInput!`; none at all where there is nothing to say. */
export const mutationInput: Rule = {
  field(field, type, lint) {
    if (type.root !== OperationTypeNode.MUTATION || field.arguments.size === 0) return;
    const { graph, settings, report } = lint;
    const given = [...field.arguments.values()];
    if (given.length <= settings.plainMutationArguments && given.every((argument) => isPlain(argument, graph))) return;
    const [input] = given;
    if (given.length > 1 || input?.name !== "input") {
      const message = `${field.coordinate} takes ${given.map(({ name }) => name).join(", ")}: expected one argument, input: ${suggestedInput(field, lint)}!.`;
      report("LINT_MUTATION_INPUT", field, { message });
      return;
    }
    const wrong = input.parts.filter(({ node }) => !isRequired(node.type) || !isInput(node.type, lint));
    const [first] = wrong;
    if (!first) return;
    const message = `${input.coordinate} is ${textOfType(first.node.type)}: expected an input type that is not null, such as ${suggestedInput(field, lint)}!.`;
    report("LINT_MUTATION_INPUT", input, { message }, wrong);
  },
};

/** Each mutation gives a type that is called a payload; each payload has a list of what went wrong. */
export const mutationPayload: Rule = {
  graph({ graph, settings, report }) {
    const payloads = new Set<string>();
    for (const { root, fields } of graph.types.values()) {
      if (root !== OperationTypeNode.MUTATION) continue;
      for (const field of fields.values()) {
        const wrong = field.parts.filter(({ node }) => {
          const name = singleTypeOf(node.type)?.name.value;
          const isPayload = name !== undefined && isComposite(name, graph) && hasSuffix(name, settings.payloadSuffixes);
          if (isPayload) payloads.add(name);
          return !isPayload;
        });
        const [first] = wrong;
        if (!first) continue;
        const [suffix = ""] = settings.payloadSuffixes;
        const message = `${field.coordinate} gives ${textOfType(first.node.type)}: expected an object of its own, such as ${capitalised(field.name)}${suffix}.`;
        report("LINT_MUTATION_PAYLOAD", field, { message }, wrong);
      }
    }
    for (const name of payloads) {
      const payload = graph.types.get(name);
      // What went wrong is a member of the union.
      if (!payload || payload.kind === "union") continue;
      const errors = payload.fields.get(settings.userErrorsField);
      const remedy = `Give it \`${settings.userErrorsField}\`, a list of what the user can mend, empty on success.`;
      if (!errors) {
        const message = `The payload ${name} has no field ${settings.userErrorsField}.`;
        report("LINT_PAYLOAD_USER_ERRORS", payload, { message, remedy });
        continue;
      }
      const wrong = errors.parts.filter(({ node }) => {
        const entry = entryTypeOf(node.type);
        return entry === null || !isComposite(nameOf(entry), graph);
      });
      const [first] = wrong;
      if (!first) continue;
      const message = `${errors.coordinate} is ${textOfType(first.node.type)}: expected a list of objects.`;
      report("LINT_PAYLOAD_USER_ERRORS", errors, { message, remedy }, wrong);
    }
  },
};

const isPlain = ({ parts }: Argument, graph: LintGraph): boolean =>
  parts.every(({ node }) => isLeaf(nameOf(node.type), graph));

const isInput = (type: Argument["parts"][number]["node"]["type"], { graph, settings }: Lint): boolean => {
  const name = singleTypeOf(type)?.name.value;
  return name !== undefined && graph.types.get(name)?.kind === "input" && hasSuffix(name, settings.inputSuffixes);
};

const isComposite = (name: string, graph: LintGraph): boolean => {
  const kind = graph.types.get(name)?.kind;
  return kind === "object" || kind === "interface" || kind === "union";
};

const hasSuffix = (name: string, suffixes: readonly string[]): boolean =>
  suffixes.length === 0 || suffixes.some((suffix) => name.endsWith(suffix));

const suggestedInput = (field: Field, { settings }: Lint): string =>
  `${capitalised(field.name)}${settings.inputSuffixes[0] ?? ""}`;

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
