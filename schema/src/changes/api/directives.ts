import { using } from "../known-use.ts";
import { type ApiChange, type Translation, withoutNonNull } from "./change.ts";
import { defaultMessage } from "./fields.ts";

/** Changes of the directives that clients may write in operations. */
export const DIRECTIVE_CHANGES = {
  DIRECTIVE_REMOVED: ({ removedDirectiveName: name }) => ({
    code: "API_DIRECTIVE_REMOVED",
    coordinate: `@${name}`,
    message: `@${name} was removed.`,
    what: "removed",
    hurts: using(`@${name}`),
  }),
  DIRECTIVE_ADDED: ({ addedDirectiveName: name }) => ({
    code: "API_DIRECTIVE_ADDED",
    coordinate: `@${name}`,
    message: `@${name} was added.`,
    what: "added",
  }),
  DIRECTIVE_DESCRIPTION_CHANGED: ({ directiveName }) => described(`@${directiveName}`),
  DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED: ({ directiveName, directiveArgumentName }) =>
    described(`@${directiveName}(${directiveArgumentName}:)`),
  DIRECTIVE_LOCATION_ADDED: ({ directiveName: name, addedDirectiveLocation }) => ({
    code: "API_DIRECTIVE_LOCATION_ADDED",
    coordinate: `@${name}`,
    message: `@${name} may stand on ${addedDirectiveLocation}.`,
    what: "changed",
  }),
  DIRECTIVE_LOCATION_REMOVED: ({ directiveName: name, removedDirectiveLocation }) => ({
    code: "API_DIRECTIVE_LOCATION_REMOVED",
    coordinate: `@${name}`,
    message: `@${name} may no longer stand on ${removedDirectiveLocation}.`,
    what: "changed",
    hurts: using(`@${name}`),
  }),
  DIRECTIVE_REPEATABLE_ADDED: ({ directiveName: name }) => ({
    code: "API_DIRECTIVE_BECAME_REPEATABLE",
    coordinate: `@${name}`,
    message: `@${name} may be repeated.`,
    what: "changed",
  }),
  DIRECTIVE_REPEATABLE_REMOVED: ({ directiveName: name }) => ({
    code: "API_DIRECTIVE_NO_LONGER_REPEATABLE",
    coordinate: `@${name}`,
    message: `@${name} may no longer be repeated.`,
    what: "changed",
    hurts: using(`@${name}`),
  }),
  DIRECTIVE_ARGUMENT_REMOVED: ({ directiveName, removedDirectiveArgumentName: argument }) => {
    const coordinate = `@${directiveName}(${argument}:)`;
    return {
      code: "API_DIRECTIVE_ARGUMENT_REMOVED",
      coordinate,
      message: `${coordinate} was removed.`,
      what: "removed",
      hurts: using(coordinate),
    };
  },
  DIRECTIVE_ARGUMENT_ADDED: ({ directiveName: name, addedDirectiveArgumentName: argument, ...meta }) => {
    const coordinate = `@${name}(${argument}:)`;
    const message = `${coordinate} of type ${meta.addedDirectiveArgumentType} was added`;
    return meta.addedDirectiveArgumentTypeIsNonNull && meta.addedDirectiveDefaultValue === undefined
      ? {
          code: "API_REQUIRED_DIRECTIVE_ARGUMENT_ADDED",
          coordinate,
          message: `${message} without a default.`,
          what: "added",
          hurts: using(`@${name}`),
        }
      : { code: "API_DIRECTIVE_ARGUMENT_ADDED", coordinate, message: `${message}.`, what: "added" };
  },
  DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED: ({ directiveName, directiveArgumentName: argument, ...meta }) => {
    const coordinate = `@${directiveName}(${argument}:)`;
    return {
      code: "API_DIRECTIVE_ARGUMENT_DEFAULT_CHANGED",
      coordinate,
      message: defaultMessage(coordinate, meta.oldDirectiveArgumentDefaultValue, meta.newDirectiveArgumentDefaultValue),
      what: "changed",
      hurts: ({ omitted }) => omitted.get(coordinate) ?? null,
    };
  },
  DIRECTIVE_ARGUMENT_TYPE_CHANGED: ({ directiveName: name, directiveArgumentName: argument, ...meta }) => {
    const coordinate = `@${name}(${argument}:)`;
    const { oldDirectiveArgumentType: old, newDirectiveArgumentType: next } = meta;
    const message = `${coordinate} changed its type from ${old} to ${next}.`;
    if (meta.isSafeDirectiveArgumentTypeChange)
      return { code: "API_DIRECTIVE_ARGUMENT_TYPE_WIDENED", coordinate, message, what: "changed" };
    return {
      code: "API_DIRECTIVE_ARGUMENT_TYPE_CHANGED",
      coordinate,
      message,
      what: "changed",
      hurts: withoutNonNull(old) === withoutNonNull(next) ? using(`@${name}`) : using(coordinate),
    };
  },
} satisfies Translation;

const described = (coordinate: string): ApiChange => ({
  code: "API_DIRECTIVE_DESCRIPTION_CHANGED",
  coordinate,
  message: `${coordinate} changed its description.`,
  what: "changed",
});
