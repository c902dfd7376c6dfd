import { type GraphQLArgument, type GraphQLField, type GraphQLSchema, isInterfaceType, isObjectType } from "graphql";
import { anyOf, omitting, using } from "../known-use.ts";
import { type ApiChange, type Translation, wasDeprecated, withoutNonNull } from "./change.ts";

/** Changes of fields that are answered, and of their arguments. */
export const FIELD_CHANGES = {
  FIELD_REMOVED: ({ typeName, removedFieldName }, { before }) => {
    const coordinate = `${typeName}.${removedFieldName}`;
    return {
      code: "API_FIELD_REMOVED",
      coordinate,
      message: `${coordinate} was removed.`,
      what: "removed",
      hurts: using(coordinate),
      details: wasDeprecated(fieldOf(before, typeName, removedFieldName)?.deprecationReason),
    };
  },
  FIELD_ADDED: ({ typeName, addedFieldName, addedFieldReturnType }) => ({
    code: "API_FIELD_ADDED",
    coordinate: `${typeName}.${addedFieldName}`,
    message: `${typeName}.${addedFieldName}: ${addedFieldReturnType} was added.`,
    what: "added",
  }),
  FIELD_TYPE_CHANGED: ({ typeName, fieldName, oldFieldType, newFieldType, isSafeFieldTypeChange }) => {
    const coordinate = `${typeName}.${fieldName}`;
    const message = `${coordinate} changed its type from ${oldFieldType} to ${newFieldType}.`;
    if (isSafeFieldTypeChange) return { code: "API_FIELD_BECAME_NON_NULL", coordinate, message, what: "changed" };
    const isOnlyNullability = withoutNonNull(oldFieldType) === withoutNonNull(newFieldType);
    return {
      code: isOnlyNullability ? "API_FIELD_BECAME_NULLABLE" : "API_FIELD_TYPE_CHANGED",
      coordinate,
      message,
      what: "changed",
      hurts: using(coordinate),
    };
  },
  FIELD_DESCRIPTION_ADDED: ({ typeName, fieldName }) => described(`${typeName}.${fieldName}`, "was given"),
  FIELD_DESCRIPTION_REMOVED: ({ typeName, fieldName }) => described(`${typeName}.${fieldName}`, "lost"),
  FIELD_DESCRIPTION_CHANGED: ({ typeName, fieldName }) => described(`${typeName}.${fieldName}`, "changed"),
  FIELD_DEPRECATION_ADDED: ({ typeName, fieldName, deprecationReason }) => ({
    code: "API_FIELD_DEPRECATED",
    coordinate: `${typeName}.${fieldName}`,
    message: `${typeName}.${fieldName} was deprecated: ${deprecationReason}`,
    what: "changed",
    hurts: using(`${typeName}.${fieldName}`),
  }),
  FIELD_DEPRECATION_REMOVED: ({ typeName, fieldName }) => ({
    code: "API_FIELD_UNDEPRECATED",
    coordinate: `${typeName}.${fieldName}`,
    message: `${typeName}.${fieldName} is no longer deprecated.`,
    what: "changed",
  }),
  FIELD_DEPRECATION_REASON_ADDED: ({ typeName, fieldName }, { after }) => reasoned(after, typeName, fieldName),
  FIELD_DEPRECATION_REASON_REMOVED: ({ typeName, fieldName }, { after }) => reasoned(after, typeName, fieldName),
  FIELD_DEPRECATION_REASON_CHANGED: ({ typeName, fieldName }, { after }) => reasoned(after, typeName, fieldName),

  FIELD_ARGUMENT_REMOVED: ({ typeName, fieldName, removedFieldArgumentName: name }, { before }) => {
    const coordinate = `${typeName}.${fieldName}(${name}:)`;
    return {
      code: "API_ARGUMENT_REMOVED",
      coordinate,
      message: `${coordinate} was removed.`,
      what: "removed",
      hurts: using(coordinate),
      details: wasDeprecated(argumentOf(before, typeName, fieldName, name)?.deprecationReason),
    };
  },
  FIELD_ARGUMENT_ADDED: (meta) => {
    const field = `${meta.typeName}.${meta.fieldName}`;
    const added = {
      coordinate: `${field}(${meta.addedArgumentName}:)`,
      message: `${field}(${meta.addedArgumentName}:) of type ${meta.addedArgumentType} was added`,
      what: "added",
    } as const;
    if (meta.isAddedFieldArgumentBreaking)
      return {
        ...added,
        code: "API_REQUIRED_ARGUMENT_ADDED",
        message: `${added.message} without a default.`,
        hurts: using(field),
      };
    if (!meta.hasDefaultValue) return { ...added, code: "API_ARGUMENT_ADDED", message: `${added.message}.` };
    return {
      ...added,
      code: "API_ARGUMENT_WITH_DEFAULT_ADDED",
      message: `${added.message} with a default.`,
      hurts: using(field),
    };
  },
  FIELD_ARGUMENT_TYPE_CHANGED: (meta) => {
    const coordinate = `${meta.typeName}.${meta.fieldName}(${meta.argumentName}:)`;
    const { oldArgumentType: old, newArgumentType: next } = meta;
    const message = `${coordinate} changed its type from ${old} to ${next}.`;
    if (meta.isSafeArgumentTypeChange)
      return { code: "API_ARGUMENT_TYPE_WIDENED", coordinate, message, what: "changed" };
    const isOnlyNullability = withoutNonNull(old) === withoutNonNull(next);
    return {
      code: isOnlyNullability ? "API_ARGUMENT_BECAME_REQUIRED" : "API_ARGUMENT_TYPE_CHANGED",
      coordinate,
      message,
      what: "changed",
      hurts:
        next.endsWith("!") && !old.endsWith("!") ? anyOf(using(coordinate), omitting(coordinate)) : using(coordinate),
    };
  },
  FIELD_ARGUMENT_DEFAULT_CHANGED: (meta) => {
    const coordinate = `${meta.typeName}.${meta.fieldName}(${meta.argumentName}:)`;
    return {
      code: "API_ARGUMENT_DEFAULT_CHANGED",
      coordinate,
      message: defaultMessage(coordinate, meta.oldDefaultValue, meta.newDefaultValue),
      what: "changed",
      hurts: omitting(coordinate),
    };
  },
  FIELD_ARGUMENT_DESCRIPTION_CHANGED: ({ typeName, fieldName, argumentName }) => ({
    code: "API_ARGUMENT_DESCRIPTION_CHANGED",
    coordinate: `${typeName}.${fieldName}(${argumentName}:)`,
    message: `${typeName}.${fieldName}(${argumentName}:) changed its description.`,
    what: "changed",
  }),
} satisfies Translation;

export const defaultMessage = (coordinate: string, old: string | undefined, next: string | undefined): string =>
  old === undefined
    ? `${coordinate} was given the default ${next}.`
    : next === undefined
      ? `${coordinate} lost its default ${old}.`
      : `${coordinate} changed its default from ${old} to ${next}.`;

const described = (coordinate: string, verb: string): ApiChange => ({
  code: "API_FIELD_DESCRIPTION_CHANGED",
  coordinate,
  message: `${coordinate} ${verb} ${verb === "was given" ? "a" : "its"} description.`,
  what: "changed",
});

const reasoned = (after: GraphQLSchema, typeName: string, fieldName: string): ApiChange =>
  reasonChanged(`${typeName}.${fieldName}`, fieldOf(after, typeName, fieldName)?.deprecationReason);

export const reasonChanged = (coordinate: string, reason: string | null | undefined): ApiChange => ({
  code: "API_DEPRECATION_REASON_CHANGED",
  coordinate,
  message: `${coordinate} is deprecated for another reason: ${reason}`,
  what: "changed",
});

const fieldOf = (schema: GraphQLSchema, type: string, field: string): GraphQLField<unknown, unknown> | undefined => {
  const owner = schema.getType(type);
  return isObjectType(owner) || isInterfaceType(owner) ? owner.getFields()[field] : undefined;
};

export const argumentOf = (
  schema: GraphQLSchema,
  type: string,
  field: string,
  argument: string,
): GraphQLArgument | undefined => fieldOf(schema, type, field)?.args.find(({ name }) => name === argument);
