import {
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from "graphql";
import { anyOf, omitting, using } from "../known-use.ts";
import { type ApiChange, type Schemas, type Translation, wasDeprecated, withoutNonNull } from "./change.ts";
import { defaultMessage, reasonChanged } from "./fields.ts";

/** Changes of the fields of input objects, and of enum values. */
export const INPUT_CHANGES = {
  INPUT_FIELD_REMOVED: ({ inputName, removedFieldName }, { before }) => {
    const coordinate = `${inputName}.${removedFieldName}`;
    return {
      code: "API_INPUT_FIELD_REMOVED",
      coordinate,
      message: `${coordinate} was removed.`,
      what: "removed",
      hurts: using(coordinate),
      details: wasDeprecated(inputFieldOf(before, inputName, removedFieldName)?.deprecationReason),
    };
  },
  INPUT_FIELD_ADDED: ({ inputName, addedInputFieldName, addedInputFieldType: type, ...meta }) => {
    const coordinate = `${inputName}.${addedInputFieldName}`;
    const added = { coordinate, what: "added" } as const;
    if (meta.addedFieldDefault !== undefined)
      return {
        ...added,
        code: "API_INPUT_FIELD_WITH_DEFAULT_ADDED",
        message: `${coordinate}: ${type} was added with a default.`,
        hurts: using(inputName),
      };
    if (meta.isAddedInputFieldTypeNullable)
      return { ...added, code: "API_INPUT_FIELD_ADDED", message: `${coordinate}: ${type} was added.` };
    return {
      ...added,
      code: "API_REQUIRED_INPUT_FIELD_ADDED",
      message: `${coordinate}: ${type} was added without a default.`,
      hurts: using(inputName),
    };
  },
  INPUT_FIELD_TYPE_CHANGED: ({
    inputName,
    inputFieldName,
    oldInputFieldType: old,
    newInputFieldType: next,
    ...meta
  }) => {
    const coordinate = `${inputName}.${inputFieldName}`;
    const message = `${coordinate} changed its type from ${old} to ${next}.`;
    if (meta.isInputFieldTypeChangeSafe)
      return { code: "API_INPUT_FIELD_TYPE_WIDENED", coordinate, message, what: "changed" };
    return {
      code:
        withoutNonNull(old) === withoutNonNull(next)
          ? "API_INPUT_FIELD_BECAME_REQUIRED"
          : "API_INPUT_FIELD_TYPE_CHANGED",
      coordinate,
      message,
      what: "changed",
      hurts:
        next.endsWith("!") && !old.endsWith("!") ? anyOf(using(coordinate), omitting(coordinate)) : using(coordinate),
    };
  },
  INPUT_FIELD_DEFAULT_VALUE_CHANGED: ({ inputName, inputFieldName, oldDefaultValue, newDefaultValue }) => {
    const coordinate = `${inputName}.${inputFieldName}`;
    return {
      code: "API_INPUT_FIELD_DEFAULT_CHANGED",
      coordinate,
      message: defaultMessage(coordinate, oldDefaultValue, newDefaultValue),
      what: "changed",
      hurts: omitting(coordinate),
    };
  },
  INPUT_FIELD_DESCRIPTION_ADDED: ({ inputName, inputFieldName }) => described(`${inputName}.${inputFieldName}`),
  INPUT_FIELD_DESCRIPTION_REMOVED: ({ inputName, inputFieldName }) => described(`${inputName}.${inputFieldName}`),
  INPUT_FIELD_DESCRIPTION_CHANGED: ({ inputName, inputFieldName }) => described(`${inputName}.${inputFieldName}`),

  ENUM_VALUE_REMOVED: ({ enumName, removedEnumValueName }, { before }) => {
    const coordinate = `${enumName}.${removedEnumValueName}`;
    return {
      code: "API_ENUM_VALUE_REMOVED",
      coordinate,
      message: `${coordinate} was removed.`,
      what: "removed",
      hurts: using(coordinate),
      details: wasDeprecated(deprecationOf(before, enumName, removedEnumValueName)),
    };
  },
  ENUM_VALUE_ADDED: ({ enumName, addedEnumValueName }, { after }) => ({
    code: "API_ENUM_VALUE_ADDED",
    coordinate: `${enumName}.${addedEnumValueName}`,
    message: `${enumName}.${addedEnumValueName} was added.`,
    what: "added",
    // Nobody meets it who does not send it.
    ...(isAnswered(after, enumName) ? { hurts: using(enumName) } : { severity: "info" }),
  }),
  ENUM_VALUE_DESCRIPTION_CHANGED: ({ enumName, enumValueName }) => ({
    code: "API_ENUM_VALUE_DESCRIPTION_CHANGED",
    coordinate: `${enumName}.${enumValueName}`,
    message: `${enumName}.${enumValueName} changed its description.`,
    what: "changed",
  }),
  // What kind of change it was the inspector tells wrongly where the reason is the default one.
  ENUM_VALUE_DEPRECATION_REASON_ADDED: (meta, schemas) => deprecationChange(meta, schemas),
  ENUM_VALUE_DEPRECATION_REASON_REMOVED: (meta, schemas) => deprecationChange(meta, schemas),
  ENUM_VALUE_DEPRECATION_REASON_CHANGED: (meta, schemas) => deprecationChange(meta, schemas),
} satisfies Translation;

const described = (coordinate: string): ApiChange => ({
  code: "API_INPUT_FIELD_DESCRIPTION_CHANGED",
  coordinate,
  message: `${coordinate} changed its description.`,
  what: "changed",
});

const deprecationChange = (
  { enumName, enumValueName }: { readonly enumName: string; readonly enumValueName: string },
  { before, after }: Schemas,
): ApiChange => {
  const coordinate = `${enumName}.${enumValueName}`;
  const [was, is] = [deprecationOf(before, enumName, enumValueName), deprecationOf(after, enumName, enumValueName)];
  if (is === undefined)
    return {
      code: "API_ENUM_VALUE_UNDEPRECATED",
      coordinate,
      message: `${coordinate} is no longer deprecated.`,
      what: "changed",
    };
  if (was !== undefined) return reasonChanged(coordinate, is);
  return {
    code: "API_ENUM_VALUE_DEPRECATED",
    coordinate,
    message: `${coordinate} was deprecated: ${is}`,
    what: "changed",
    hurts: using(coordinate),
  };
};

const deprecationOf = (schema: GraphQLSchema, name: string, value: string): string | undefined => {
  const type = schema.getType(name);
  return isEnumType(type) ? (type.getValue(value)?.deprecationReason ?? undefined) : undefined;
};

export const inputFieldOf = (schema: GraphQLSchema, name: string, field: string) => {
  const type = schema.getType(name);
  return isInputObjectType(type) ? type.getFields()[field] : undefined;
};

const isAnswered = (schema: GraphQLSchema, name: string): boolean =>
  Object.values(schema.getTypeMap()).some(
    (type) =>
      (isObjectType(type) || isInterfaceType(type)) &&
      !type.name.startsWith("__") &&
      Object.values(type.getFields()).some((field) => getNamedType(field.type).name === name),
  );
