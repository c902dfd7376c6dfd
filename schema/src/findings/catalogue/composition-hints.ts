import type { Severity } from "../finding.ts";
import { type FindingKind, kinds } from "../stages.ts";

const hint = (severity: Severity, title: string, meaning: string, remedy: string): FindingKind => ({
  stage: "hints",
  severity,
  title,
  meaning,
  remedy,
});

/**
 * By the codes that composition itself gives. Those that tell of something that clients or subgraphs lose without anybody having said so
 * (an argument, an input field, a value that one subgraph has and the API has not) are errors; composition alone would let them pass.
 */
export const COMPOSITION_HINT_KINDS = kinds({
  INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE: hint(
    "warning",
    "A field's type is stricter in some subgraphs",
    "The API has the looser one, such as nullable: what the stricter subgraph promises, clients cannot rely on.",
    "Give the field one type in all its subgraphs; or leave it, where the change is being rolled out.",
  ),
  INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE: hint(
    "warning",
    "An argument's type is stricter in some subgraphs",
    "The API has the stricter one, such as required: clients must send what some subgraphs could do without.",
    "Give the argument one type in all its subgraphs; or leave it, where the change is being rolled out.",
  ),
  INCONSISTENT_DEFAULT_VALUE_PRESENCE: hint(
    "warning",
    "A default is there in some subgraphs only",
    "The API has no default: a client that leaves the value out gets what each subgraph makes of it.",
    "Give it the same default in all its subgraphs, or in none.",
  ),
  INCONSISTENT_ENTITY: hint(
    "warning",
    "A type is an entity in some subgraphs only",
    "The router can go to the subgraphs with a key, and not to those without: they answer only what begins with them.",
    "Give the type a `@key` in the other subgraphs too, unless they share all of its fields.",
  ),
  INCONSISTENT_OBJECT_VALUE_TYPE_FIELD: hint(
    "warning",
    "A type without a key has a field in some subgraphs only",
    "The field can be answered only where the router asks the subgraph that has it, and no key leads there.",
    "Add the field to all subgraphs of the type; or give the type a `@key`.",
  ),
  INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD: hint(
    "warning",
    "An interface has a field in some subgraphs only",
    "The API has it. Types of the other subgraphs need it all the same.",
    "Add the field to the interface in all its subgraphs.",
  ),
  INCONSISTENT_INPUT_OBJECT_FIELD: hint(
    "error",
    "An input field is lost",
    "It is there in some subgraphs only, and so no part of the API: clients cannot send it, and its subgraph never gets it.",
    "Add it to the type in all its subgraphs; or take it out where it is.",
  ),
  INCONSISTENT_UNION_MEMBER: hint(
    "warning",
    "A member of a union is there in some subgraphs only",
    "The API has it. A subgraph that lacks it never gives it: the same question is answered otherwise here and there.",
    "Add the member in all subgraphs of the union.",
  ),
  INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM: hint(
    "error",
    "A value that clients could send is lost",
    "It is there in some subgraphs only, and so no part of the API: clients cannot send it.",
    "Add it to the enum in all its subgraphs; or take it out where it is.",
  ),
  INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM: hint(
    "warning",
    "A value that clients get is there in some subgraphs only",
    "The API has it. As soon as clients send the enum too, composition fails.",
    "Add it to the enum in all its subgraphs.",
  ),
  INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE: hint(
    "warning",
    "A directive for definitions can be repeated in some subgraphs only",
    "The supergraph has it repeatable: subgraphs that read it may not expect that.",
    "Define it alike in all its subgraphs.",
  ),
  INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS: hint(
    "warning",
    "A directive for definitions has other places in some subgraphs",
    "The supergraph has all of them: subgraphs that read it may not expect that.",
    "Define it alike in all its subgraphs.",
  ),
  INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE: hint(
    "error",
    "A directive for operations is lost",
    "It is there in some subgraphs only, and so no part of the API: operations that use it are refused.",
    "Define it in all subgraphs; or take it out where it is.",
  ),
  NO_EXECUTABLE_DIRECTIVE_INTERSECTION: hint(
    "error",
    "A directive for operations is lost for want of a place",
    "The subgraphs have no place of it in common, and so it is no part of the API: operations that use it are refused.",
    "Define it with the same places in all subgraphs.",
  ),
  INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE: hint(
    "error",
    "A directive for operations can no longer be repeated",
    "It can be in some subgraphs only, and so not in the API: operations that repeat it are refused.",
    "Define it alike in all subgraphs.",
  ),
  INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS: hint(
    "error",
    "A directive for operations loses places",
    "The API has the places that all subgraphs have: operations that use it elsewhere are refused.",
    "Define it with the same places in all subgraphs.",
  ),
  INCONSISTENT_DESCRIPTION: hint(
    "warning",
    "Subgraphs describe one thing otherwise",
    "Clients read one of the descriptions, and it may be true of one of the subgraphs only.",
    "Agree on one description, or leave it to the subgraph that owns the thing.",
  ),
  INCONSISTENT_ARGUMENT_PRESENCE: hint(
    "error",
    "An argument is lost",
    "It is there in some subgraphs only, and so no part of the API: clients cannot send it, and its subgraph never gets it.",
    "Add it in all subgraphs of the field; or take it out where it is.",
  ),
  FROM_SUBGRAPH_DOES_NOT_EXIST: hint(
    "error",
    "An @override names a subgraph that does not exist",
    "It overrides nothing: a typo leaves the field with the subgraph that was meant to lose it.",
    "Mend the name; take `@override` off where the subgraph is gone.",
  ),
  OVERRIDDEN_FIELD_CAN_BE_REMOVED: hint(
    "warning",
    "An overridden field is still there",
    "The router never asks for it: its resolver is dead code.",
    "Take the field out of its former subgraph; mark it `@external` where something there needs it.",
  ),
  OVERRIDE_DIRECTIVE_CAN_BE_REMOVED: hint(
    "warning",
    "An @override has done its work",
    "Its former subgraph no longer resolves the field: there is nothing to override.",
    "Take `@override` off.",
  ),
  OVERRIDE_MIGRATION_IN_PROGRESS: hint(
    "info",
    "A field is being moved, bit by bit",
    "Some requests are answered by its former subgraph, others by the new one.",
    "Once all requests go to the new subgraph, take the field out of the former one, then the label and `@override`.",
  ),
  UNUSED_ENUM_TYPE: hint(
    "info",
    "An enum that nothing uses",
    "Clients see it and can do nothing with it.",
    "Take it out, or hide it by `@inaccessible` until it is used.",
  ),
  INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS: hint(
    "error",
    "Subgraphs apply one directive with other arguments",
    "The supergraph has one of them: what the others say is lost.",
    "Apply it with the same arguments in all subgraphs.",
  ),
  MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS: hint(
    "info",
    "Subgraphs apply one directive with other arguments, and they are merged",
    "The supergraph has what follows from all of them, such as the scopes of both.",
    "Apply it with the same arguments in all subgraphs where that is not what is meant.",
  ),
  DIRECTIVE_COMPOSITION_INFO: hint(
    "info",
    "A directive that need not, or will not, be composed",
    "Federation composes the directive by itself; or subgraphs link several major versions of a feature that none of them composes.",
    "Leave it out of `@composeDirective`; link one major version of the feature.",
  ),
  DIRECTIVE_COMPOSITION_WARN: hint(
    "warning",
    "A composed directive has another name elsewhere",
    "A subgraph that does not compose it imports it under another name: what it is applied to there is not in the supergraph.",
    "Import it under one name in all subgraphs, and compose it in each that applies it.",
  ),
  INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN: hint(
    "warning",
    "A shared field may give other types here than there",
    "A shared field has to give the same wherever it is asked. One of its subgraphs could give a type that another does not know.",
    "Let the subgraphs know the same types; or make sure that the field never gives the others.",
  ),
  IMPLICITLY_UPGRADED_FEDERATION_VERSION: hint(
    "info",
    "A subgraph needs a newer federation than it links",
    "A feature that it links comes with a later version: composition takes that one.",
    "Link to the version that the message names.",
  ),
  CONTEXTUAL_ARGUMENT_NOT_IN_SUPERGRAPH: hint(
    "error",
    "An argument is lost to a context",
    "Another subgraph takes it from a context, and so it is no part of the API: clients cannot send it, and this subgraph never gets it.",
    "Take it from the context in all subgraphs; or rename it where it is not.",
  ),
});
