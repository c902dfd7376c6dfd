import { kinds } from "../stages.ts";

/** By the codes that composition itself gives, so that its documentation applies. */
export const COMPOSITION_ERROR_KINDS = kinds({
  INVALID_GRAPHQL: {
    stage: "compose",
    severity: "error",
    title: "Invalid graphql",
    meaning: "A schema is invalid GraphQL: it violates one of the rule of the specification.",
    remedy: "",
  },
  DIRECTIVE_DEFINITION_INVALID: {
    stage: "compose",
    severity: "error",
    title: "Directive definition invalid",
    meaning: "A built-in or federation directive has an invalid definition in the schema.",
    remedy: "",
  },
  TYPE_DEFINITION_INVALID: {
    stage: "compose",
    severity: "error",
    title: "Type definition invalid",
    meaning: "A built-in or federation type has an invalid definition in the schema.",
    remedy: "",
  },
  UNSUPPORTED_LINKED_FEATURE: {
    stage: "compose",
    severity: "error",
    title: "Unsupported linked feature",
    meaning: "Indicates that a feature used in a @link is either unsupported or is used with unsupported options.",
    remedy: "",
  },
  UNKNOWN_FEDERATION_LINK_VERSION: {
    stage: "compose",
    severity: "error",
    title: "Unknown federation link version",
    meaning: "The version of federation in a @link directive on the schema is unknown.",
    remedy: "",
  },
  UNKNOWN_LINK_VERSION: {
    stage: "compose",
    severity: "error",
    title: "Unknown link version",
    meaning: "The version of @link set on the schema is unknown.",
    remedy: "",
  },
  KEY_FIELDS_HAS_ARGS: {
    stage: "compose",
    severity: "error",
    title: "Key fields has args",
    meaning:
      "The `fields` argument of a `@key` directive includes a field defined with arguments (which is not currently supported).",
    remedy: "",
  },
  PROVIDES_FIELDS_HAS_ARGS: {
    stage: "compose",
    severity: "error",
    title: "Provides fields has args",
    meaning:
      "The `fields` argument of a `@provides` directive includes a field defined with arguments (which is not currently supported).",
    remedy: "",
  },
  PROVIDES_FIELDS_MISSING_EXTERNAL: {
    stage: "compose",
    severity: "error",
    title: "Provides fields missing external",
    meaning: "The `fields` argument of a `@provides` directive includes a field that is not marked as `@external`.",
    remedy: "",
  },
  REQUIRES_FIELDS_MISSING_EXTERNAL: {
    stage: "compose",
    severity: "error",
    title: "Requires fields missing external",
    meaning: "The `fields` argument of a `@requires` directive includes a field that is not marked as `@external`.",
    remedy: "",
  },
  KEY_UNSUPPORTED_ON_INTERFACE: {
    stage: "compose",
    severity: "error",
    title: "Key unsupported on interface",
    meaning: "A `@key` directive is used on an interface, which is only supported when @linking to federation 2.3+.",
    remedy: "",
  },
  PROVIDES_UNSUPPORTED_ON_INTERFACE: {
    stage: "compose",
    severity: "error",
    title: "Provides unsupported on interface",
    meaning: "A `@provides` directive is used on an interface, which is not (yet) supported.",
    remedy: "",
  },
  REQUIRES_UNSUPPORTED_ON_INTERFACE: {
    stage: "compose",
    severity: "error",
    title: "Requires unsupported on interface",
    meaning: "A `@requires` directive is used on an interface, which is not (yet) supported.",
    remedy: "",
  },
  EXTERNAL_UNUSED: {
    stage: "compose",
    severity: "error",
    title: "External unused",
    meaning:
      "An `@external` field is not being used by any instance of `@key`, `@requires`, `@provides` or to satisfy an interface implementation.",
    remedy: "",
  },
  EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE: {
    stage: "compose",
    severity: "error",
    title: "External collision with another directive",
    meaning: "The @external directive collides with other directives in some situations.",
    remedy: "",
  },
  TYPE_WITH_ONLY_UNUSED_EXTERNAL: {
    stage: "compose",
    severity: "error",
    title: "Type with only unused external",
    meaning:
      "A federation 1 schema has a composite type comprised only of unused external fields. Note that this error can _only_ be raised for federation 1 schema as federation 2 schema do not allow unused external fields (and errors with code EXTERNAL_UNUSED will be raised in that case). But when federation 1 schema are automatically migrated to federation 2 ones, unused external fields are automatically removed, and in rare case this can leave a type empty. If that happens, an error with this code will be raised",
    remedy: "",
  },
  PROVIDES_ON_NON_OBJECT_FIELD: {
    stage: "compose",
    severity: "error",
    title: "Provides on non object field",
    meaning: "A `@provides` directive is used to mark a field whose base type is not an object type.",
    remedy: "",
  },
  KEY_INVALID_FIELDS_TYPE: {
    stage: "compose",
    severity: "error",
    title: "Key invalid fields type",
    meaning: "The value passed to the `fields` argument of a `@key` directive is not a string.",
    remedy: "",
  },
  PROVIDES_INVALID_FIELDS_TYPE: {
    stage: "compose",
    severity: "error",
    title: "Provides invalid fields type",
    meaning: "The value passed to the `fields` argument of a `@provides` directive is not a string.",
    remedy: "",
  },
  REQUIRES_INVALID_FIELDS_TYPE: {
    stage: "compose",
    severity: "error",
    title: "Requires invalid fields type",
    meaning: "The value passed to the `fields` argument of a `@requires` directive is not a string.",
    remedy: "",
  },
  KEY_INVALID_FIELDS: {
    stage: "compose",
    severity: "error",
    title: "Key invalid fields",
    meaning:
      "The `fields` argument of a `@key` directive is invalid (it has invalid syntax, includes unknown fields, ...).",
    remedy: "",
  },
  PROVIDES_INVALID_FIELDS: {
    stage: "compose",
    severity: "error",
    title: "Provides invalid fields",
    meaning:
      "The `fields` argument of a `@provides` directive is invalid (it has invalid syntax, includes unknown fields, ...).",
    remedy: "",
  },
  REQUIRES_INVALID_FIELDS: {
    stage: "compose",
    severity: "error",
    title: "Requires invalid fields",
    meaning:
      "The `fields` argument of a `@requires` directive is invalid (it has invalid syntax, includes unknown fields, ...).",
    remedy: "",
  },
  KEY_FIELDS_SELECT_INVALID_TYPE: {
    stage: "compose",
    severity: "error",
    title: "Key fields select invalid type",
    meaning:
      "The `fields` argument of `@key` directive includes a field whose type is a list, interface, or union type. Fields of these types cannot be part of a `@key`",
    remedy: "",
  },
  ROOT_QUERY_USED: {
    stage: "compose",
    severity: "error",
    title: "Root query used",
    meaning:
      "A subgraph's schema defines a type with the name `query`, while also specifying a _different_ type name as the root query object. This is not allowed.",
    remedy: "",
  },
  ROOT_MUTATION_USED: {
    stage: "compose",
    severity: "error",
    title: "Root mutation used",
    meaning:
      "A subgraph's schema defines a type with the name `mutation`, while also specifying a _different_ type name as the root query object. This is not allowed.",
    remedy: "",
  },
  ROOT_SUBSCRIPTION_USED: {
    stage: "compose",
    severity: "error",
    title: "Root subscription used",
    meaning:
      "A subgraph's schema defines a type with the name `subscription`, while also specifying a _different_ type name as the root query object. This is not allowed.",
    remedy: "",
  },
  INVALID_SUBGRAPH_NAME: {
    stage: "compose",
    severity: "error",
    title: "Invalid subgraph name",
    meaning: 'A subgraph name is invalid (subgraph names cannot be a single underscore ("_")).',
    remedy: "",
  },
  NO_QUERIES: {
    stage: "compose",
    severity: "error",
    title: "No queries",
    meaning: "None of the composed subgraphs expose any query.",
    remedy: "",
  },
  INTERFACE_FIELD_NO_IMPLEM: {
    stage: "compose",
    severity: "error",
    title: "Interface field no implem",
    meaning:
      "After subgraph merging, an implementation is missing a field of one of the interface it implements (which can happen for valid subgraphs).",
    remedy: "",
  },
  TYPE_KIND_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "Type kind mismatch",
    meaning:
      "A type has the same name in different subgraphs, but a different kind. For instance, one definition is an object type but another is an interface.",
    remedy: "",
  },
  CONTEXT_NOT_SET: {
    stage: "compose",
    severity: "error",
    title: "Context not set",
    meaning: "Context is never set for context trying to be used.",
    remedy: "",
  },
  CONTEXT_INVALID_SELECTION: {
    stage: "compose",
    severity: "error",
    title: "Context invalid selection",
    meaning: "Selection within @fromContext must resolve to a single field.",
    remedy: "",
  },
  NO_CONTEXT_IN_SELECTION: {
    stage: "compose",
    severity: "error",
    title: "No context in selection",
    meaning: "Selection in @fromContext field argument does not reference a context.",
    remedy: "",
  },
  CONTEXT_NO_RESOLVABLE_KEY: {
    stage: "compose",
    severity: "error",
    title: "Context no resolvable key",
    meaning: "If an ObjectType uses a @fromContext, at least one of its keys must be resolvable.",
    remedy: "",
  },
  CONTEXT_NAME_INVALID: {
    stage: "compose",
    severity: "error",
    title: "Context name invalid",
    meaning: "Context name is invalid.",
    remedy: "",
  },
  EXTERNAL_TYPE_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "External type mismatch",
    meaning:
      "An `@external` field has a type that is incompatible with the declaration(s) of that field in other subgraphs.",
    remedy: "",
  },
  EXTERNAL_ARGUMENT_MISSING: {
    stage: "compose",
    severity: "error",
    title: "External argument missing",
    meaning:
      "An `@external` field is missing some arguments present in the declaration(s) of that field in other subgraphs.",
    remedy: "",
  },
  EXTERNAL_ARGUMENT_TYPE_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "External argument type mismatch",
    meaning:
      "An `@external` field declares an argument with a type that is incompatible with the corresponding argument in the declaration(s) of that field in other subgraphs.",
    remedy: "",
  },
  EXTERNAL_ARGUMENT_DEFAULT_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "External argument default mismatch",
    meaning:
      "An `@external` field declares an argument with a default that is incompatible with the corresponding argument in the declaration(s) of that field in other subgraphs.",
    remedy: "",
  },
  EXTERNAL_ON_INTERFACE: {
    stage: "compose",
    severity: "error",
    title: "External on interface",
    meaning:
      'The field of an interface type is marked with `@external`: as external is about marking field not resolved by the subgraph and as interface field are not resolved (only implementations of those fields are), an "external" interface field is nonsensical',
    remedy: "",
  },
  MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL: {
    stage: "compose",
    severity: "error",
    title: "Merged directive application on external",
    meaning: "In a subgraph, a field is both marked @external and has a merged directive applied to it",
    remedy: "",
  },
  FIELD_TYPE_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "Field type mismatch",
    meaning: "A field has a type that is incompatible with other declarations of that field in other subgraphs.",
    remedy: "",
  },
  FIELD_ARGUMENT_TYPE_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "Field argument type mismatch",
    meaning:
      "An argument (of a field/directive) has a type that is incompatible with that of other declarations of that same argument in other subgraphs.",
    remedy: "",
  },
  INPUT_FIELD_DEFAULT_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "Input field default mismatch",
    meaning:
      "An input field has a default value that is incompatible with other declarations of that field in other subgraphs.",
    remedy: "",
  },
  FIELD_ARGUMENT_DEFAULT_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "Field argument default mismatch",
    meaning:
      "An argument (of a field/directive) has a default value that is incompatible with that of other declarations of that same argument in other subgraphs.",
    remedy: "",
  },
  EXTENSION_WITH_NO_BASE: {
    stage: "compose",
    severity: "error",
    title: "Extension with no base",
    meaning: "A subgraph is attempting to `extend` a type that is not originally defined in any known subgraph.",
    remedy: "",
  },
  EXTERNAL_MISSING_ON_BASE: {
    stage: "compose",
    severity: "error",
    title: "External missing on base",
    meaning:
      "A field is marked as `@external` in a subgraph but with no non-external declaration in any other subgraph.",
    remedy: "",
  },
  INVALID_FIELD_SHARING: {
    stage: "compose",
    severity: "error",
    title: "Invalid field sharing",
    meaning: "A field that is non-shareable in at least one subgraph is resolved by multiple subgraphs.",
    remedy: "",
  },
  INVALID_SHAREABLE_USAGE: {
    stage: "compose",
    severity: "error",
    title: "Invalid shareable usage",
    meaning: "The `@shareable` federation directive is used in an invalid way.",
    remedy: "",
  },
  INVALID_LINK_DIRECTIVE_USAGE: {
    stage: "compose",
    severity: "error",
    title: "Invalid link directive usage",
    meaning: "An application of the @link directive is invalid/does not respect the specification.",
    remedy: "",
  },
  INVALID_LINK_IDENTIFIER: {
    stage: "compose",
    severity: "error",
    title: "Invalid link identifier",
    meaning: "A url/version for a @link feature is invalid/does not respect the specification.",
    remedy: "",
  },
  LINK_IMPORT_NAME_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "Link import name mismatch",
    meaning:
      "The import name for a merged directive (as declared by the relevant `@link(import:)` argument) is inconsistent between subgraphs.",
    remedy: "",
  },
  REFERENCED_INACCESSIBLE: {
    stage: "compose",
    severity: "error",
    title: "Referenced inaccessible",
    meaning: "An element is marked as @inaccessible but is referenced by an element visible in the API schema.",
    remedy: "",
  },
  DEFAULT_VALUE_USES_INACCESSIBLE: {
    stage: "compose",
    severity: "error",
    title: "Default value uses inaccessible",
    meaning:
      "An element is marked as @inaccessible but is used in the default value of an element visible in the API schema.",
    remedy: "",
  },
  QUERY_ROOT_TYPE_INACCESSIBLE: {
    stage: "compose",
    severity: "error",
    title: "Query root type inaccessible",
    meaning:
      "An element is marked as @inaccessible but is the query root type, which must be visible in the API schema.",
    remedy: "",
  },
  REQUIRED_INACCESSIBLE: {
    stage: "compose",
    severity: "error",
    title: "Required inaccessible",
    meaning: "An element is marked as @inaccessible but is required by an element visible in the API schema.",
    remedy: "",
  },
  DISALLOWED_INACCESSIBLE: {
    stage: "compose",
    severity: "error",
    title: "Disallowed inaccessible",
    meaning: "An element is marked as @inaccessible that is not allowed to be @inaccessible.",
    remedy: "",
  },
  IMPLEMENTED_BY_INACCESSIBLE: {
    stage: "compose",
    severity: "error",
    title: "Implemented by inaccessible",
    meaning: "An element is marked as @inaccessible but implements an element visible in the API schema.",
    remedy: "",
  },
  ONLY_INACCESSIBLE_CHILDREN: {
    stage: "compose",
    severity: "error",
    title: "Only inaccessible children",
    meaning: "A type visible in the API schema has only @inaccessible children.",
    remedy: "",
  },
  REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH: {
    stage: "compose",
    severity: "error",
    title: "Required argument missing in some subgraph",
    meaning:
      "An argument of a field or directive definition is mandatory in some subgraphs, but the argument is not defined in all the subgraphs that define the field or directive definition.",
    remedy: "",
  },
  REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH: {
    stage: "compose",
    severity: "error",
    title: "Required input field missing in some subgraph",
    meaning:
      "A field of an input object type is mandatory in some subgraphs, but the field is not defined in all the subgraphs that define the input object type.",
    remedy: "",
  },
  EMPTY_MERGED_INPUT_TYPE: {
    stage: "compose",
    severity: "error",
    title: "Empty merged input type",
    meaning:
      "An input object type has no field common to all the subgraphs that define the type. Merging that type would result in an invalid empty input object type.",
    remedy: "",
  },
  ENUM_VALUE_MISMATCH: {
    stage: "compose",
    severity: "error",
    title: "Enum value mismatch",
    meaning:
      "An enum type that is used as both an input and output type has a value that is not defined in all the subgraphs that define the enum type.",
    remedy: "",
  },
  EMPTY_MERGED_ENUM_TYPE: {
    stage: "compose",
    severity: "error",
    title: "Empty merged enum type",
    meaning:
      "An enum type has no value common to all the subgraphs that define the type. Merging that type would result in an invalid empty enum type.",
    remedy: "",
  },
  SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES: {
    stage: "compose",
    severity: "error",
    title: "Shareable has mismatched runtime types",
    meaning:
      "A shareable field return type has mismatched possible runtime types in the subgraphs in which the field is declared. As shared fields must resolve the same way in all subgraphs, this is almost surely a mistake.",
    remedy: "",
  },
  SATISFIABILITY_ERROR: {
    stage: "compose",
    severity: "error",
    title: "Satisfiability error",
    meaning:
      "Subgraphs can be merged, but the resulting supergraph API would have queries that cannot be satisfied by those subgraphs.",
    remedy: "",
  },
  OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE: {
    stage: "compose",
    severity: "error",
    title: "Override collision with another directive",
    meaning:
      "The @override directive cannot be used on external fields, nor to override fields with either @external, @provides, or @requires.",
    remedy: "",
  },
  OVERRIDE_FROM_SELF_ERROR: {
    stage: "compose",
    severity: "error",
    title: "Override from self error",
    meaning: 'Field with `@override` directive has "from" location that references its own subgraph.',
    remedy: "",
  },
  OVERRIDE_SOURCE_HAS_OVERRIDE: {
    stage: "compose",
    severity: "error",
    title: "Override source has override",
    meaning: "Field which is overridden to another subgraph is also marked @override.",
    remedy: "",
  },
  OVERRIDE_ON_INTERFACE: {
    stage: "compose",
    severity: "error",
    title: "Override on interface",
    meaning: "The @override directive cannot be used on the fields of an interface type.",
    remedy: "",
  },
  OVERRIDE_LABEL_INVALID: {
    stage: "compose",
    severity: "error",
    title: "Override label invalid",
    meaning:
      "The @override directive `label` argument must match the pattern /^[a-zA-Z][a-zA-Z0-9_-:./]*$/ or /^percent((d{1,2}(.d{1,8})?|100))$/",
    remedy: "",
  },
  UNSUPPORTED_FEATURE: {
    stage: "compose",
    severity: "error",
    title: "Unsupported feature",
    meaning: "Indicates an error due to feature currently unsupported by federation.",
    remedy: "",
  },
  INVALID_FEDERATION_SUPERGRAPH: {
    stage: "compose",
    severity: "error",
    title: "Invalid federation supergraph",
    meaning: "Indicates that a schema provided for an Apollo Federation supergraph is not a valid supergraph schema.",
    remedy: "",
  },
  DOWNSTREAM_SERVICE_ERROR: {
    stage: "compose",
    severity: "error",
    title: "Downstream service error",
    meaning: "Indicates an error in a subgraph service query during query execution in a federated service.",
    remedy: "",
  },
  KEY_DIRECTIVE_IN_FIELDS_ARG: {
    stage: "compose",
    severity: "error",
    title: "Key directive in fields arg",
    meaning: "The `fields` argument of a `@key` directive includes some directive applications. This is not supported",
    remedy: "",
  },
  PROVIDES_DIRECTIVE_IN_FIELDS_ARG: {
    stage: "compose",
    severity: "error",
    title: "Provides directive in fields arg",
    meaning:
      "The `fields` argument of a `@provides` directive includes some directive applications. This is not supported",
    remedy: "",
  },
  REQUIRES_DIRECTIVE_IN_FIELDS_ARG: {
    stage: "compose",
    severity: "error",
    title: "Requires directive in fields arg",
    meaning:
      "The `fields` argument of a `@requires` directive includes some directive applications. This is not supported",
    remedy: "",
  },
  DIRECTIVE_COMPOSITION_ERROR: {
    stage: "compose",
    severity: "error",
    title: "Directive composition error",
    meaning: "Error when composing custom directives.",
    remedy: "",
  },
  INTERFACE_OBJECT_USAGE_ERROR: {
    stage: "compose",
    severity: "error",
    title: "Interface object usage error",
    meaning: "Error in the usage of the @interfaceObject directive.",
    remedy: "",
  },
  INTERFACE_KEY_NOT_ON_IMPLEMENTATION: {
    stage: "compose",
    severity: "error",
    title: "Interface key not on implementation",
    meaning:
      "A `@key` is defined on an interface type, but is not defined (or is not resolvable) on at least one of the interface implementations",
    remedy: "",
  },
  INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: {
    stage: "compose",
    severity: "error",
    title: "Interface key missing implementation type",
    meaning:
      "A subgraph has a `@key` on an interface type, but that subgraph does not define an implementation (in the supergraph) of that interface",
    remedy: "",
  },
  CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS: {
    stage: "compose",
    severity: "error",
    title: "Contextual argument not contextual in all subgraphs",
    meaning: "Argument on field is marked contextual in only some subgraphs",
    remedy: "",
  },
  COST_APPLIED_TO_INTERFACE_FIELD: {
    stage: "compose",
    severity: "error",
    title: "Cost applied to interface field",
    meaning: "The `@cost` directive must be applied to concrete types",
    remedy: "",
  },
  LIST_SIZE_APPLIED_TO_NON_LIST: {
    stage: "compose",
    severity: "error",
    title: "List size applied to non list",
    meaning: "The `@listSize` directive must be applied to list types",
    remedy: "",
  },
  LIST_SIZE_INVALID_ASSUMED_SIZE: {
    stage: "compose",
    severity: "error",
    title: "List size invalid assumed size",
    meaning: "The `@listSize` directive assumed size cannot be negative",
    remedy: "",
  },
  LIST_SIZE_INVALID_SIZED_FIELD: {
    stage: "compose",
    severity: "error",
    title: "List size invalid sized field",
    meaning: "The `@listSize` directive must reference existing list fields as sized fields",
    remedy: "",
  },
  LIST_SIZE_INVALID_SLICING_ARGUMENT: {
    stage: "compose",
    severity: "error",
    title: "List size invalid slicing argument",
    meaning: "The `@listSize` directive must have existing integer slicing arguments",
    remedy: "",
  },
  MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED: {
    stage: "compose",
    severity: "error",
    title: "Max validation subgraph paths exceeded",
    meaning: "The maximum number of validation subgraph paths has been exceeded.",
    remedy: "",
  },
  AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: {
    stage: "compose",
    severity: "error",
    title: "Auth requirements applied on interface",
    meaning:
      "The @authenticated, @requiresScopes and @policy directive cannot be applied on interface, interface fields and interface object",
    remedy: "",
  },
  MISSING_TRANSITIVE_AUTH_REQUIREMENTS: {
    stage: "compose",
    severity: "error",
    title: "Missing transitive auth requirements",
    meaning:
      "Field missing transitive @authenticated, @requiresScopes and/or @policy auth requirements needed to access dependent data.",
    remedy: "",
  },
});
