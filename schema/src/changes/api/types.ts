import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from "graphql";
import { type Hurts, using } from "../known-use.ts";
import type { ApiChange, Translation } from "./change.ts";
import { argumentOf, reasonChanged } from "./fields.ts";
import { inputFieldOf } from "./inputs.ts";

/** Changes of types as wholes, of what they belong to, and of directives that are applied to what clients see. */
export const TYPE_CHANGES = {
  TYPE_REMOVED: ({ removedTypeName: name }, { before }) => ({
    code: "API_TYPE_REMOVED",
    coordinate: name,
    message: `The ${kindOf(before.getType(name))} ${name} was removed.`,
    what: "removed",
    hurts: using(name),
  }),
  TYPE_ADDED: ({ addedTypeName: name }, { after }) => {
    const type = after.getType(name);
    const interfaces = isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : [];
    return {
      code: "API_TYPE_ADDED",
      coordinate: name,
      message: `The ${kindOf(type)} ${name} was added.`,
      what: "added",
      details: interfaces.map((one) => `It implements ${one.name}: who asks for that may be answered it.`),
    };
  },
  TYPE_KIND_CHANGED: ({ typeName: name }, { before, after }) => ({
    code: "API_TYPE_KIND_CHANGED",
    coordinate: name,
    message: `${name} became ${withArticle(kindOf(after.getType(name)))}, and was ${withArticle(kindOf(before.getType(name)))}.`,
    what: "changed",
    hurts: using(name),
  }),
  TYPE_DESCRIPTION_ADDED: ({ typeName }) => described(typeName),
  TYPE_DESCRIPTION_REMOVED: ({ typeName }) => described(typeName),
  TYPE_DESCRIPTION_CHANGED: ({ typeName }) => described(typeName),

  // A supergraph's root types have the names of the specification: they come and go, and are not renamed.
  SCHEMA_QUERY_TYPE_CHANGED: ({ oldQueryTypeName, newQueryTypeName }) => root(oldQueryTypeName, newQueryTypeName),
  SCHEMA_MUTATION_TYPE_CHANGED: ({ oldMutationTypeName, newMutationTypeName }) =>
    root(oldMutationTypeName, newMutationTypeName),
  SCHEMA_SUBSCRIPTION_TYPE_CHANGED: ({ oldSubscriptionTypeName, newSubscriptionTypeName }) =>
    root(oldSubscriptionTypeName, newSubscriptionTypeName),

  UNION_MEMBER_REMOVED: ({ unionName, removedUnionMemberTypeName: member }) => ({
    code: "API_UNION_MEMBER_REMOVED",
    coordinate: unionName,
    message: `${unionName} is never a ${member} any more.`,
    what: "changed",
    hurts: narrowing(unionName, member),
  }),
  UNION_MEMBER_ADDED: ({ unionName, addedUnionMemberTypeName: member }) => ({
    code: "API_UNION_MEMBER_ADDED",
    coordinate: unionName,
    message: `${unionName} may be a ${member}.`,
    what: "changed",
    hurts: using(unionName),
  }),
  OBJECT_TYPE_INTERFACE_REMOVED: ({ objectTypeName, removedInterfaceName }) => ({
    code: "API_INTERFACE_REMOVED",
    coordinate: objectTypeName,
    message: `${objectTypeName} no longer implements ${removedInterfaceName}.`,
    what: "changed",
    hurts: narrowing(objectTypeName, removedInterfaceName),
  }),
  OBJECT_TYPE_INTERFACE_ADDED: ({ objectTypeName, addedInterfaceName }) => ({
    code: "API_INTERFACE_ADDED",
    coordinate: objectTypeName,
    message: `${objectTypeName} implements ${addedInterfaceName}.`,
    what: "changed",
    hurts: using(addedInterfaceName),
  }),

  DIRECTIVE_USAGE_INPUT_OBJECT_ADDED: ({ inputObjectName: name, addedDirectiveName }) =>
    addedDirectiveName === "oneOf"
      ? {
          code: "API_INPUT_BECAME_ONE_OF",
          coordinate: name,
          message: `${name} takes exactly one of its fields.`,
          what: "changed",
          hurts: using(name),
        }
      : null,
  DIRECTIVE_USAGE_INPUT_OBJECT_REMOVED: ({ inputObjectName: name, removedDirectiveName }) =>
    removedDirectiveName === "oneOf"
      ? {
          code: "API_INPUT_NO_LONGER_ONE_OF",
          coordinate: name,
          message: `${name} takes any of its fields, and no longer exactly one.`,
          what: "changed",
        }
      : null,
  DIRECTIVE_USAGE_SCALAR_ADDED: ({ scalarName, addedDirectiveName }) =>
    addedDirectiveName === "specifiedBy" ? specified(scalarName) : null,
  DIRECTIVE_USAGE_SCALAR_REMOVED: ({ scalarName, removedDirectiveName }) =>
    removedDirectiveName === "specifiedBy" ? specified(scalarName) : null,
  DIRECTIVE_USAGE_ARGUMENT_DEFINITION_ADDED: ({ addedDirectiveName, typeName, fieldName, argumentName }, { after }) =>
    addedDirectiveName === "deprecated"
      ? deprecated(
          "API_ARGUMENT_DEPRECATED",
          `${typeName}.${fieldName}(${argumentName}:)`,
          argumentOf(after, typeName, fieldName, argumentName)?.deprecationReason,
        )
      : null,
  DIRECTIVE_USAGE_ARGUMENT_DEFINITION_REMOVED: ({ removedDirectiveName, typeName, fieldName, argumentName }) =>
    removedDirectiveName === "deprecated"
      ? undeprecated("API_ARGUMENT_UNDEPRECATED", `${typeName}.${fieldName}(${argumentName}:)`)
      : null,
  DIRECTIVE_USAGE_INPUT_FIELD_DEFINITION_ADDED: ({ addedDirectiveName, inputObjectName, inputFieldName }, { after }) =>
    addedDirectiveName === "deprecated"
      ? deprecated(
          "API_INPUT_FIELD_DEPRECATED",
          `${inputObjectName}.${inputFieldName}`,
          inputFieldOf(after, inputObjectName, inputFieldName)?.deprecationReason,
        )
      : null,
  DIRECTIVE_USAGE_INPUT_FIELD_DEFINITION_REMOVED: ({ removedDirectiveName, inputObjectName, inputFieldName }) =>
    removedDirectiveName === "deprecated"
      ? undeprecated("API_INPUT_FIELD_UNDEPRECATED", `${inputObjectName}.${inputFieldName}`)
      : null,
  // An argument of a directive that changed is removed and added; the latter tells both values.
  DIRECTIVE_USAGE_ARGUMENT_ADDED: (meta, { after }) => {
    const { directiveName, oldArgumentValue, parentTypeName: type, parentFieldName: field, parentArgumentName } = meta;
    if (oldArgumentValue === null || type === null) return null;
    if (directiveName === "specifiedBy") return specified(type);
    if (directiveName !== "deprecated" || field === null) return null;
    if (parentArgumentName !== null)
      return reasonChanged(
        `${type}.${field}(${parentArgumentName}:)`,
        argumentOf(after, type, field, parentArgumentName)?.deprecationReason,
      );
    const inputField = inputFieldOf(after, type, field);
    return inputField ? reasonChanged(`${type}.${field}`, inputField.deprecationReason) : null;
  },
  DIRECTIVE_USAGE_ARGUMENT_REMOVED: () => null,
  // Of these GraphQL has but @deprecated, which other changes tell.
  DIRECTIVE_USAGE_FIELD_DEFINITION_ADDED: () => null,
  DIRECTIVE_USAGE_FIELD_DEFINITION_REMOVED: () => null,
  DIRECTIVE_USAGE_ENUM_VALUE_ADDED: () => null,
  DIRECTIVE_USAGE_ENUM_VALUE_REMOVED: () => null,
} satisfies Translation;

/** Who asks for the one among the other, either way, has a selection that can never be, which is no valid operation. */
const narrowing =
  (a: string, b: string): Hurts =>
  ({ narrowed }) =>
    narrowed.has(`${a}>${b}`) || narrowed.has(`${b}>${a}`) ? "certain" : null;

const described = (coordinate: string): ApiChange => ({
  code: "API_TYPE_DESCRIPTION_CHANGED",
  coordinate,
  message: `${coordinate} changed its description.`,
  what: "changed",
});

const root = (was: string | null, is: string | null): ApiChange | null => {
  if (was === null && is !== null)
    return { code: "API_ROOT_TYPE_ADDED", coordinate: is, message: `The API has a ${is} type.`, what: "added" };
  if (was === null) return null;
  return {
    code: "API_ROOT_TYPE_REMOVED",
    coordinate: was,
    message: is === null ? `The API has no ${was} type any more.` : `The API's root type ${was} is ${is} now.`,
    what: "removed",
    hurts: using(was),
  };
};

const specified = (name: string): ApiChange => ({
  code: "API_SCALAR_SPECIFICATION_CHANGED",
  coordinate: name,
  message: `${name} is specified by another text.`,
  what: "changed",
  hurts: using(name),
});

const deprecated = (
  code: "API_ARGUMENT_DEPRECATED" | "API_INPUT_FIELD_DEPRECATED",
  coordinate: string,
  reason: string | null | undefined,
): ApiChange => ({
  code,
  coordinate,
  message: `${coordinate} was deprecated: ${reason}`,
  what: "changed",
  hurts: using(coordinate),
});

const undeprecated = (
  code: "API_ARGUMENT_UNDEPRECATED" | "API_INPUT_FIELD_UNDEPRECATED",
  coordinate: string,
): ApiChange => ({ code, coordinate, message: `${coordinate} is no longer deprecated.`, what: "changed" });

const kindOf = (type: GraphQLNamedType | undefined): string => {
  if (isObjectType(type)) return "object type";
  if (isInterfaceType(type)) return "interface";
  if (isInputObjectType(type)) return "input type";
  if (isEnumType(type)) return "enum";
  return isScalarType(type) ? "scalar" : "union";
};

const withArticle = (kind: string): string => `${/^[aeio]/.test(kind) ? "an" : "a"} ${kind}`;
