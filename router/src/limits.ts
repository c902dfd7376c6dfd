import { graphQLError } from "@supergraph/service";
import {
  type DocumentNode,
  type GraphQLError,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  type SelectionSetNode,
  Source,
  TokenKind,
} from "graphql";
import type { OperationLimits } from "./config/settings.ts";
import { fragmentsOf } from "./fragments.ts";

/** Brackets within brackets that parsing, which recurses, may meet: far more than the depth of any accepted operation. */
const MAX_NESTING = 200;

/** Nesting of JSON in variables and extensions. */
const MAX_JSON_NESTING = 64;

/**
 * Refuses a text that a recursive parser should not be given, in linear time and constant depth. Syntax errors are left
 * for the parser to tell.
 */
export const checkText = (text: string): GraphQLError | null => {
  // Text with few brackets cannot nest deep: most operations are done here.
  let opened = 0;
  for (let index = 0; index < text.length && opened <= MAX_NESTING; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x7b || code === 0x5b || code === 0x28) opened += 1;
  }
  if (opened <= MAX_NESTING) return null;

  const lexer = new Lexer(new Source(text));
  let nesting = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      if (token.kind === TokenKind.BRACE_L || token.kind === TokenKind.BRACKET_L || token.kind === TokenKind.PAREN_L)
        nesting += 1;
      else if (
        token.kind === TokenKind.BRACE_R ||
        token.kind === TokenKind.BRACKET_R ||
        token.kind === TokenKind.PAREN_R
      )
        nesting -= 1;
      if (nesting > MAX_NESTING) return refusal(`nests deeper than ${MAX_NESTING} brackets`);
    }
  } catch {
    // What follows a syntax error is never parsed.
  }
  return null;
};

/** Whether JSON nests no deeper than what recursive code, such as `JSON.stringify`, may be given. */
export const isShallow = (value: unknown): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_JSON_NESTING; depth += 1) {
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
    if (level.length === 0) return true;
  }
  return false;
};

/** One error for every limit that an operation of the document exceeds. Linear in the size of the document. */
export const checkDocument = (document: DocumentNode, limits: OperationLimits): GraphQLError[] => {
  const measure = createMeasure(document);
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .flatMap((operation) => exceeded(operation, measure(operation.selectionSet), limits))
    .map(refusal);
};

const exceeded = (operation: OperationDefinitionNode, size: Size, limits: OperationLimits): string[] => {
  const isMutation = operation.operation === "mutation";
  const maxRootFields = isMutation ? Math.min(limits.maxRootMutations, limits.maxRootFields) : limits.maxRootFields;
  const directives = size.directives + (operation.directives?.length ?? 0);
  return [
    ...(size.depth > limits.maxDepth ? [`is deeper than ${limits.maxDepth} fields`] : []),
    ...(size.fields > limits.maxFields ? [`has more than ${limits.maxFields} fields`] : []),
    ...(size.aliases > limits.maxAliases ? [`has more than ${limits.maxAliases} aliases`] : []),
    ...(size.rootFields > maxRootFields
      ? [`has more than ${maxRootFields} root fields${isMutation ? " in a mutation" : ""}`]
      : []),
    ...(directives > limits.maxDirectives ? [`has more than ${limits.maxDirectives} directives`] : []),
  ];
};

/** An error for an operation that `problem`, `is too deep`. */
export const refusal = (problem: string): GraphQLError =>
  graphQLError("GRAPHQL_VALIDATION_FAILED", `The operation ${problem}. Ask for less at once.`);

interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
}

const NOTHING: Size = { depth: 0, fields: 0, aliases: 0, rootFields: 0, directives: 0 };

/** Fragments that spread fragments twice each grow by powers of two: counts stop growing here. */
const COUNT_CEILING = 1_000_000_000;

const createMeasure = (document: DocumentNode): ((selectionSet: SelectionSetNode) => Size) => {
  const fragments = fragmentsOf(document);
  const measured = new Map<string, Size>();

  const measureFragment = (name: string): Size => {
    const known = measured.get(name);
    if (known) return known;
    // Also ends cycles, which validation refuses afterwards.
    measured.set(name, NOTHING);
    const fragment = fragments.get(name);
    const size = fragment ? measure(fragment.selectionSet) : NOTHING;
    measured.set(name, size);
    return size;
  };

  const measure = ({ selections }: SelectionSetNode): Size => {
    let total = NOTHING;
    for (const selection of selections) {
      const directives = selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet ? measure(selection.selectionSet) : NOTHING;
        total = add(total, {
          depth: below.depth + 1,
          fields: below.fields + 1,
          aliases: below.aliases + (selection.alias ? 1 : 0),
          rootFields: 1,
          directives: below.directives + directives,
        });
      } else {
        const size =
          selection.kind === Kind.INLINE_FRAGMENT
            ? measure(selection.selectionSet)
            : measureFragment(selection.name.value);
        total = add(total, { ...size, directives: size.directives + directives });
      }
    }
    return total;
  };
  return measure;
};

const add = (a: Size, b: Size): Size => ({
  depth: Math.max(a.depth, b.depth),
  fields: Math.min(COUNT_CEILING, a.fields + b.fields),
  aliases: Math.min(COUNT_CEILING, a.aliases + b.aliases),
  rootFields: Math.min(COUNT_CEILING, a.rootFields + b.rootFields),
  directives: Math.min(COUNT_CEILING, a.directives + b.directives),
});
