import { kinds } from "../stages.ts";

/**
 * By the codes that composition itself gives. Those that tell of something that clients or subgraphs lose without anybody having said so
 * (an argument, an input field, a value that one subgraph has and the API has not) are errors; composition alone would let them pass.
 */
export const COMPOSITION_HINT_KINDS = kinds({
  INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent but compatible field type",
    meaning:
      'Indicates that a field does not have the exact same types in all subgraphs, but that the types are "compatible" (2 types are compatible if one is a non-nullable version of the other, a list version, a subtype, or a combination of the former).',
    remedy: "",
  },
  INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent but compatible argument type",
    meaning:
      'Indicates that an argument type (of a field/input field/directive definition) does not have the exact same type in all subgraphs, but that the types are "compatible" (two types are compatible if one is a non-nullable version of the other, a list version, a subtype, or a combination of the former).',
    remedy: "",
  },
  INCONSISTENT_DEFAULT_VALUE_PRESENCE: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent default value presence",
    meaning:
      "Indicates that an argument definition (of a field/input field/directive definition) has a default value in only some of the subgraphs that define the argument.",
    remedy: "",
  },
  INCONSISTENT_ENTITY: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent entity",
    meaning:
      "Indicates that an object is declared as an entity (has a `@key`) in only some of the subgraphs in which the object is defined.",
    remedy: "",
  },
  INCONSISTENT_OBJECT_VALUE_TYPE_FIELD: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent object value type field",
    meaning:
      'Indicates that a field of an object "value type" (has no `@key` in any subgraph) is not defined in all the subgraphs that declare the type.',
    remedy: "",
  },
  INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent interface value type field",
    meaning:
      'Indicates that a field of an interface "value type" (has no `@key` in any subgraph) is not defined in all the subgraphs that declare the type.',
    remedy: "",
  },
  INCONSISTENT_INPUT_OBJECT_FIELD: {
    stage: "hints",
    severity: "error",
    title: "Inconsistent input object field",
    meaning:
      "Indicates that a field of an input object type definition is only defined in a subset of the subgraphs that declare the input object.",
    remedy: "",
  },
  INCONSISTENT_UNION_MEMBER: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent union member",
    meaning:
      "Indicates that a member of a union type definition is only defined in a subset of the subgraphs that declare the union.",
    remedy: "",
  },
  INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM: {
    stage: "hints",
    severity: "error",
    title: "Inconsistent enum value for input enum",
    meaning:
      "Indicates that a value of an enum type definition (that is only used as an Input type) has not been merged into the supergraph because it is defined in only a subset of the subgraphs that declare the enum",
    remedy: "",
  },
  INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent enum value for output enum",
    meaning:
      "Indicates that a value of an enum type definition (that is only used as an Output type, or is unused) has been merged in the supergraph but is defined in only a subset of the subgraphs that declare the enum",
    remedy: "",
  },
  INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent type system directive repeatable",
    meaning:
      "Indicates that a type system directive definition is marked repeatable in only a subset of the subgraphs that declare the directive (and will be repeatable in the supergraph).",
    remedy: "",
  },
  INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent type system directive locations",
    meaning:
      "Indicates that a type system directive definition is declared with inconsistent locations across subgraphs (and will use the union of all locations in the supergraph).",
    remedy: "",
  },
  INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE: {
    stage: "hints",
    severity: "error",
    title: "Inconsistent executable directive presence",
    meaning: "Indicates that an executable directive definition is declared in only some of the subgraphs.",
    remedy: "",
  },
  NO_EXECUTABLE_DIRECTIVE_INTERSECTION: {
    stage: "hints",
    severity: "error",
    title: "No executable directive intersection",
    meaning: "Indicates that, for an executable directive definition, no location for it appears in all subgraphs.",
    remedy: "",
  },
  INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE: {
    stage: "hints",
    severity: "error",
    title: "Inconsistent executable directive repeatable",
    meaning:
      "Indicates that an executable directive definition is marked repeatable in only a subset of the subgraphs (and will not be repeatable in the supergraph).",
    remedy: "",
  },
  INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS: {
    stage: "hints",
    severity: "error",
    title: "Inconsistent executable directive locations",
    meaning:
      "Indicates that an executiable directive definition is declared with inconsistent locations across subgraphs (and will use the intersection of all locations in the supergraph).",
    remedy: "",
  },
  INCONSISTENT_DESCRIPTION: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent description",
    meaning:
      "Indicates that an element has a description in more than one subgraph, and the descriptions are not equal.",
    remedy: "",
  },
  INCONSISTENT_ARGUMENT_PRESENCE: {
    stage: "hints",
    severity: "error",
    title: "Inconsistent argument presence",
    meaning:
      "Indicates that an optional argument (of a field or directive definition) is not present in all subgraphs and will not be part of the supergraph.",
    remedy: "",
  },
  FROM_SUBGRAPH_DOES_NOT_EXIST: {
    stage: "hints",
    severity: "error",
    title: "From subgraph does not exist",
    meaning: "Source subgraph specified by @override directive does not exist",
    remedy: "",
  },
  OVERRIDDEN_FIELD_CAN_BE_REMOVED: {
    stage: "hints",
    severity: "warning",
    title: "Overridden field can be removed",
    meaning: "Field has been overridden by another subgraph. Consider removing.",
    remedy: "",
  },
  OVERRIDE_DIRECTIVE_CAN_BE_REMOVED: {
    stage: "hints",
    severity: "warning",
    title: "Override directive can be removed",
    meaning: "Field with @override directive no longer exists in source subgraph, the directive can be safely removed",
    remedy: "",
  },
  OVERRIDE_MIGRATION_IN_PROGRESS: {
    stage: "hints",
    severity: "info",
    title: "Override migration in progress",
    meaning:
      "Field is currently being migrated with progressive @override. Once the migration is complete, remove the field from the original subgraph.",
    remedy: "",
  },
  UNUSED_ENUM_TYPE: {
    stage: "hints",
    severity: "info",
    title: "Unused enum type",
    meaning:
      "Indicates that an enum type is defined in some subgraphs but is unused (no field/argument references it). All the values from subgraphs defining that enum will be included in the supergraph.",
    remedy: "",
  },
  INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS: {
    stage: "hints",
    severity: "error",
    title: "Inconsistent non repeatable directive arguments",
    meaning:
      "A non-repeatable directive is applied to a schema element in different subgraphs but with arguments that are different.",
    remedy: "",
  },
  MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS: {
    stage: "hints",
    severity: "info",
    title: "Merged non repeatable directive arguments",
    meaning:
      "A non-repeatable directive has been applied to a schema element in different subgraphs with different arguments and the arguments values were merged using the directive configured strategies.",
    remedy: "",
  },
  DIRECTIVE_COMPOSITION_INFO: {
    stage: "hints",
    severity: "info",
    title: "Directive composition info",
    meaning: "Indicates that an issue was detected when composing custom directives.",
    remedy: "",
  },
  DIRECTIVE_COMPOSITION_WARN: {
    stage: "hints",
    severity: "warning",
    title: "Directive composition warn",
    meaning: "Indicates that an issue was detected when composing custom directives.",
    remedy: "",
  },
  INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN: {
    stage: "hints",
    severity: "warning",
    title: "Inconsistent runtime types for shareable return",
    meaning:
      "Indicates that a @shareable field returns different sets of runtime types in the different subgraphs in which it is defined.",
    remedy: "",
  },
  IMPLICITLY_UPGRADED_FEDERATION_VERSION: {
    stage: "hints",
    severity: "info",
    title: "Implicitly upgraded federation version",
    meaning:
      "Indicates that a directive requires a higher federation version than is explicitly linked. In this case, the supergraph uses the federation version required by the directive.",
    remedy: "",
  },
});
