import { z } from "zod";
import { LINT_KINDS } from "../findings/catalogue/lint.ts";

const words = (defaults: readonly string[]) => z.array(z.string().min(1)).default([...defaults]);

/** Options of the rules; which of them are errors, warnings or off is told by `severities`. */
export const LintSettings = z
  .strictObject({
    inputSuffixes: words(["Input"])
      .refine((suffixes) => suffixes.length > 0, { error: "expected at least one suffix, such as `Input`" })
      .describe("What the name of an input type ends in. The first is kept for input types alone."),
    payloadSuffixes: words(["Payload"]).describe("What the name of a mutation's type ends in; any where empty."),
    userErrorsField: z.string().min(1).default("userErrors").describe("Where a payload says what went wrong."),
    plainMutationArguments: z
      .int()
      .min(0)
      .default(0)
      .describe("A mutation may take so many scalars and enums, or lists of them, in place of an input object."),
    pageArguments: words(["first", "last", "limit", "take", "pageSize", "perPage"]).describe(
      "Arguments that say how much of a list is wanted.",
    ),
    queryVerbs: words(["get", "list", "fetch", "find", "load", "retrieve", "query"]).describe(
      "What no field of Query begins with.",
    ),
    mostOfOneCode: z
      .int()
      .min(1)
      .default(1000)
      .describe("Findings of one code that are told; of the others only how many there are."),
    exempt: z
      .record(
        z.string().refine((code): boolean => Object.hasOwn(LINT_KINDS, code), {
          error: ({ input }) => `${String(input)} is no finding of lint: see schema/README.md`,
        }),
        z.array(
          z.string().regex(/^@?[\w*]+(\.[\w*]+)?(\([\w*]+:\))?$/, {
            error: ({ input }) =>
              `expected a coordinate such as \`Query.products\` or \`*.nodes\`, got \`${String(input)}\``,
          }),
        ),
      )
      .default({})
      .describe(
        "By a finding's code: coordinates that it is not asked of, nor what is inside. `*` stands for any letters.",
      ),
  })
  .prefault({});

export type LintSettings = z.output<typeof LintSettings>;
