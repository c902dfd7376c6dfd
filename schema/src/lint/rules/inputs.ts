import type { Rule } from "../rule.ts";

/** Names of input types end in a suffix that is theirs alone. */
export const inputNames: Rule = {
  type(type, { settings, report }) {
    const { inputSuffixes } = settings;
    const [kept = ""] = inputSuffixes;
    if (type.kind === "input") {
      if (!inputSuffixes.some((suffix) => type.name.endsWith(suffix)))
        report("LINT_INPUT_NAME", type, {
          message: `The input type ${type.name} does not end in ${inputSuffixes.join(" or ")}.`,
        });
    } else if (type.name.endsWith(kept))
      report("LINT_NOT_AN_INPUT", type, {
        message: `${type.name} is ${KINDS[type.kind]}, and its name ends in ${kept}, as those of input types do.`,
      });
  },
};

const KINDS = {
  object: "an object",
  interface: "an interface",
  union: "a union",
  enum: "an enum",
  scalar: "a scalar",
} as const;
