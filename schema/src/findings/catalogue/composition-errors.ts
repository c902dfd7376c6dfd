import { type FindingKind, kinds } from "../stages.ts";

const refused = (title: string, meaning: string, remedy: string): FindingKind => ({
  stage: "compose",
  severity: "error",
  title,
  meaning,
  remedy,
});

/** By the codes that composition itself gives, so that its documentation applies. */
export const COMPOSITION_ERROR_KINDS = kinds({
  INVALID_GRAPHQL: refused(
    "A subgraph is not valid GraphQL",
    "The subgraph breaks a rule of GraphQL's specification, such as a type that is used and not defined. Its own server would refuse to start with it.",
    "Follow the message. Its own server, or any GraphQL tool, tells the same of the subgraph.",
  ),
  DIRECTIVE_DEFINITION_INVALID: refused(
    "A directive of federation is defined otherwise than it is",
    "The subgraph has a definition of its own of a directive that federation defines, and they differ: what it is applied with means something else to the router.",
    "Take the definition out and import the directive by `@link`; or write it exactly as federation does.",
  ),
  TYPE_DEFINITION_INVALID: refused(
    "A type of federation is defined otherwise than it is",
    "The subgraph has a definition of its own of a type that federation defines, such as `federation__FieldSet`, and they differ.",
    "Take the definition out; `@link` brings it along. Rename the type where it is one of yours.",
  ),
  UNSUPPORTED_LINKED_FEATURE: refused(
    "A feature is linked that routers do not have",
    "The link says that the feature is for execution or security, and it is not known: a router that ignored it would run the graph wrongly.",
    "Take the `@link` out, or use its version that the router supports.",
  ),
  UNKNOWN_FEDERATION_LINK_VERSION: refused(
    "There is no such version of federation",
    "The subgraph links to a version of federation that composition does not know: a typo, or one that is newer than the tools.",
    "Link to a version that there is, such as `https://specs.apollo.dev/federation/v2.9`.",
  ),
  UNKNOWN_LINK_VERSION: refused(
    "There is no such version of @link",
    "The subgraph links to a version of the link specification itself that composition does not know: what its other links mean is unknown.",
    "Link to `https://specs.apollo.dev/link/v1.0`, or leave that link out: it is assumed.",
  ),
  KEY_FIELDS_HAS_ARGS: refused(
    "A key has a field that takes arguments",
    "A key identifies an entity. A field with arguments has as many values as there are arguments: the router could not know which one to ask for.",
    "Use a field without arguments, or add one for the key.",
  ),
  PROVIDES_FIELDS_HAS_ARGS: refused(
    "A @provides has a field that takes arguments",
    "The router could not know for which arguments the value is provided.",
    "Leave the field out of `@provides`: it is then asked of the subgraph that resolves it.",
  ),
  PROVIDES_FIELDS_MISSING_EXTERNAL: refused(
    "A @provides of a field that the subgraph resolves anyway",
    "`@provides` tells of fields of another subgraph that this one can give on this path only. A field that is not `@external` it gives on every path.",
    "Leave the field out of `@provides`; or mark it `@external` where another subgraph is its owner.",
  ),
  REQUIRES_FIELDS_MISSING_EXTERNAL: refused(
    "A @requires of a field that the subgraph resolves itself",
    "`@requires` asks the router to fetch fields of other subgraphs first. The subgraph need not be sent what it has.",
    "Leave the field out of `@requires` and read it in the resolver; or mark it `@external` where another subgraph is its owner.",
  ),
  KEY_UNSUPPORTED_ON_INTERFACE: refused(
    "A key of an interface, before federation 2.3",
    "Interfaces are entities from federation 2.3 on only.",
    "Link the subgraph to federation 2.3 or later; or give the key to the object types alone.",
  ),
  PROVIDES_UNSUPPORTED_ON_INTERFACE: refused(
    "A @provides on a field of an interface",
    "Only the fields of object types can provide something: the router asks the type that it gets, not its interface.",
    "Put `@provides` on the field of each object type that implements the interface.",
  ),
  REQUIRES_UNSUPPORTED_ON_INTERFACE: refused(
    "A @requires on a field of an interface",
    "Only the fields of object types are resolved, and so can require something.",
    "Put `@requires` on the field of each object type that implements the interface.",
  ),
  EXTERNAL_UNUSED: refused(
    "An @external field that nothing uses",
    "The field is declared as another subgraph's, and neither a key, `@requires` nor `@provides` has it, nor does an interface demand it. It does nothing, or one of them was forgotten.",
    "Take the field out; or take `@external` off where this subgraph is to resolve it.",
  ),
  EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE: refused(
    "@external together with a directive that contradicts it",
    "A field that this subgraph does not resolve cannot tell what comes with it.",
    "Keep one of the two directives: `@external` where another subgraph resolves the field, the other one where this does.",
  ),
  TYPE_WITH_ONLY_UNUSED_EXTERNAL: refused(
    "A federation 1 type of which nothing is left",
    "All its fields are `@external` and unused. Composition leaves such fields out of federation 1 subgraphs, and a type that others refer to would be empty.",
    "Give the type a field that the subgraph resolves, or a `@key`; or take the type out where it is not needed.",
  ),
  PROVIDES_ON_NON_OBJECT_FIELD: refused(
    "A @provides on a field without fields of its own",
    "`@provides` names fields of what the field gives. A scalar or an enum has none.",
    "Take `@provides` off the field.",
  ),
  KEY_INVALID_FIELDS_TYPE: refused(
    "The fields of a @key are not a string",
    "A key is written as a selection of fields in a string.",
    'Write them in one string, separated by spaces: `@key(fields: "id region")`.',
  ),
  PROVIDES_INVALID_FIELDS_TYPE: refused(
    "The fields of a @provides are not a string",
    "What is provided is written as a selection of fields in a string.",
    'Write them in one string, separated by spaces: `@provides(fields: "name price")`.',
  ),
  REQUIRES_INVALID_FIELDS_TYPE: refused(
    "The fields of a @requires are not a string",
    "What is required is written as a selection of fields in a string.",
    'Write them in one string, separated by spaces: `@requires(fields: "weight size")`.',
  ),
  KEY_INVALID_FIELDS: refused(
    "A key has a field that the type does not have",
    "The router could not ask for the key: it is misspelt, malformed, or a field of another subgraph.",
    "Mend the name; or add the field to the type in this subgraph.",
  ),
  PROVIDES_INVALID_FIELDS: refused(
    "A @provides of a field that the type does not have",
    "The selection is misspelt or malformed, or of a field of another subgraph that is not declared here.",
    "Mend the name; or declare the field in this subgraph, with `@external`.",
  ),
  REQUIRES_INVALID_FIELDS: refused(
    "A @requires of what there is not",
    "The router could not fetch what the field needs: the selection is misspelt or malformed, the field is not declared here, or it takes other arguments where it is resolved.",
    "Mend the selection; or declare the field in this subgraph, with `@external` and the arguments that its owner has.",
  ),
  KEY_FIELDS_SELECT_INVALID_TYPE: refused(
    "A key has a field that is a union or an interface",
    "A key must have one shape. What a union or an interface gives differs from entity to entity.",
    "Use fields of scalars and objects in the key.",
  ),
  ROOT_QUERY_USED: refused(
    "A type is called Query and is not the query root",
    "In the supergraph the root is called `Query`, whatever a subgraph calls it: the two would collide.",
    "Rename the type that is called `Query`, or make it the root.",
  ),
  ROOT_MUTATION_USED: refused(
    "A type is called Mutation and is not the mutation root",
    "In the supergraph the root is called `Mutation`, whatever a subgraph calls it: the two would collide.",
    "Rename the type that is called `Mutation`, or make it the root.",
  ),
  ROOT_SUBSCRIPTION_USED: refused(
    "A type is called Subscription and is not the subscription root",
    "In the supergraph the root is called `Subscription`, whatever a subgraph calls it: the two would collide.",
    "Rename the type that is called `Subscription`, or make it the root.",
  ),
  INVALID_SUBGRAPH_NAME: refused(
    "A subgraph has a name that it cannot have",
    "Composition keeps the name `_` to itself.",
    "Give the subgraph another name.",
  ),
  NO_QUERIES: refused(
    "No subgraph has a query",
    "GraphQL demands a query root: clients could not ask for anything.",
    "Give at least one subgraph a `type Query` with a field.",
  ),
  INTERFACE_FIELD_NO_IMPLEM: refused(
    "A type lacks a field that another subgraph gave its interface",
    "Each subgraph is valid by itself. Together the interface promises clients a field that one of its types does not have.",
    "Add the field to the type in a subgraph that has it; or take the field off the interface.",
  ),
  TYPE_KIND_MISMATCH: refused(
    "A type is of one kind here and of another there",
    "Two subgraphs mean different things by one name, such as an enum and an object.",
    "Agree on one kind; or rename one of the two.",
  ),
  CONTEXT_NOT_SET: refused(
    "An argument is taken from a context that is not set",
    "The router fills the argument from what it met on the way. Nothing on the way sets it, or it cannot be set at this place.",
    "Put `@context(name: …)` on a type that the way leads through; use `@fromContext` on fields of object types only, without a default, and not where an interface has the field.",
  ),
  CONTEXT_INVALID_SELECTION: refused(
    "An argument is taken from a context by a selection that does not fit",
    "The selection has to lead to one value of the argument's type in each type that sets the context.",
    "Select one field that every type of the context has; take an argument that may be null, as a context may be missing.",
  ),
  NO_CONTEXT_IN_SELECTION: refused(
    "@fromContext names no context",
    "The router could not know where to take the argument from.",
    'Begin with the context: `@fromContext(field: "$cart { currency }")`.',
  ),
  CONTEXT_NO_RESOLVABLE_KEY: refused(
    "A field takes an argument from a context, and its type has no resolvable key",
    "The router has to come back to the type with the argument, and needs a key to do so.",
    "Give the type a `@key` that this subgraph resolves.",
  ),
  CONTEXT_NAME_INVALID: refused(
    "The name of a context is none",
    "A context's name begins with a letter and has letters and digits only; no underscore.",
    "Rename it, here and in every `@fromContext`.",
  ),
  EXTERNAL_TYPE_MISMATCH: refused(
    "An @external field has another type than its owner gives it",
    "The subgraph would be sent values that are not of the type that it declares.",
    "Give the `@external` field the type that it has where it is resolved.",
  ),
  EXTERNAL_ARGUMENT_MISSING: refused(
    "An @external field lacks an argument that its owner gives it",
    "The declaration is of another field than the one that is resolved.",
    "Give the `@external` field the arguments that it has where it is resolved.",
  ),
  EXTERNAL_ARGUMENT_TYPE_MISMATCH: refused(
    "An argument of an @external field has another type than its owner gives it",
    "What the subgraph requires with this argument could not be asked for.",
    "Give the argument the type that it has where the field is resolved.",
  ),
  EXTERNAL_ARGUMENT_DEFAULT_MISMATCH: refused(
    "An argument of an @external field has another default than its owner gives it",
    "The subgraph would be sent the value for another argument than it expects.",
    "Give the argument the default that it has where the field is resolved.",
  ),
  EXTERNAL_ON_INTERFACE: refused(
    "@external on a field of an interface",
    "Fields of an interface are not resolved, those of its types are: there is nothing external about them.",
    "Take `@external` off; put it on the fields of the object types where it is meant.",
  ),
  MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL: refused(
    "A directive on an @external field that belongs to its owner",
    "Directives such as `@tag` and `@inaccessible` go into the supergraph. A subgraph that does not resolve the field has no say in it.",
    "Move the directive to where the field is resolved.",
  ),
  FIELD_TYPE_MISMATCH: refused(
    "Two subgraphs give a field two types",
    "Clients would get a value of one type or the other, as the plan has it.",
    "Agree on one type. Non-null here and nullable there is fine; two types are not.",
  ),
  FIELD_ARGUMENT_TYPE_MISMATCH: refused(
    "Two subgraphs give an argument two types",
    "What clients send would be right for one of the subgraphs only.",
    "Agree on one type. Required here and optional there is fine; two types are not.",
  ),
  INPUT_FIELD_DEFAULT_MISMATCH: refused(
    "Two subgraphs give an input field two defaults",
    "A client that leaves the field out would mean something else to each subgraph.",
    "Agree on one default, or on none.",
  ),
  FIELD_ARGUMENT_DEFAULT_MISMATCH: refused(
    "Two subgraphs give an argument two defaults",
    "A client that leaves the argument out would mean something else to each subgraph.",
    "Agree on one default, or on none.",
  ),
  EXTENSION_WITH_NO_BASE: refused(
    "A federation 1 subgraph extends a type that nobody defines",
    "In federation 1 a type has one subgraph that defines it. It is gone, renamed or misspelt.",
    "Mend the name; define the type where it belongs; or link the subgraph to federation 2, where `extend` is not needed.",
  ),
  EXTERNAL_MISSING_ON_BASE: refused(
    "An @external field that nobody resolves",
    "Every subgraph that has the field says that another one resolves it.",
    "Add the field to the subgraph that is to resolve it; or take `@external` off here.",
  ),
  INVALID_FIELD_SHARING: refused(
    "Several subgraphs resolve a field that is not shared",
    "The router may ask any of them. Unless all say that they answer alike, by `@shareable`, it is taken for a mistake.",
    "Mark it `@shareable` in each where they answer alike; keep it in one, and `@external` elsewhere; or move it by `@override`.",
  ),
  INVALID_SHAREABLE_USAGE: refused(
    "@shareable where it means nothing",
    "Only fields of object types are resolved, and so can be shared; and once is enough.",
    "Take `@shareable` off; put it on the fields of the object types where it is meant.",
  ),
  INVALID_LINK_DIRECTIVE_USAGE: refused(
    "A @link that is malformed",
    "It imports what its specification does not have, under a name that cannot be, or links a feature twice.",
    'Mend the import: `import: ["@key", { name: "@tag", as: "@label" }]`; link each feature once.',
  ),
  INVALID_LINK_IDENTIFIER: refused(
    "The url of a @link is none",
    "A link's url ends with the name and the version of its specification: without them nothing tells what is linked.",
    "Write it like `https://specs.apollo.dev/federation/v2.9`.",
  ),
  LINK_IMPORT_NAME_MISMATCH: refused(
    "Subgraphs import one directive under several names",
    "The directive goes into the supergraph, where it can have one name only.",
    "Import it under one name in all subgraphs.",
  ),
  REFERENCED_INACCESSIBLE: refused(
    "A hidden type is what a visible field gives or takes",
    "Clients would see a field of a type that they do not know.",
    "Hide the field too (`@inaccessible`), or show the type.",
  ),
  DEFAULT_VALUE_USES_INACCESSIBLE: refused(
    "A default is made of something hidden",
    "Clients would see a default that they could not send themselves.",
    "Take another default, hide the argument too, or show what it is made of.",
  ),
  QUERY_ROOT_TYPE_INACCESSIBLE: refused(
    "The query root is hidden",
    "Without it clients could not ask for anything.",
    "Take `@inaccessible` off `Query`; put it on the fields that are to be hidden.",
  ),
  REQUIRED_INACCESSIBLE: refused(
    "An argument or input field is hidden that must be given",
    "Clients would have to send what they cannot see.",
    "Make it optional, give it a default, hide what it belongs to, or show it.",
  ),
  DISALLOWED_INACCESSIBLE: refused(
    "Something is hidden that cannot be",
    "GraphQL's own types and directives, those of federation, and directives that are for definitions are no part of what clients ask for.",
    "Take `@inaccessible` off.",
  ),
  IMPLEMENTED_BY_INACCESSIBLE: refused(
    "Something is hidden that a visible interface promises",
    "Clients would ask the interface for it, and one of its types would not have it.",
    "Hide it in the interface too, or show it.",
  ),
  ONLY_INACCESSIBLE_CHILDREN: refused(
    "Everything in a visible type is hidden",
    "Clients would see a type without fields or values, which is no valid GraphQL.",
    "Hide the type itself, or show something of it.",
  ),
  REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH: refused(
    "An argument must be given that a subgraph does not know",
    "Only arguments of all the subgraphs of a field go into the API. One that must be given cannot be left out.",
    "Add the argument in every subgraph that resolves the field; or make it optional.",
  ),
  REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH: refused(
    "An input field must be given that a subgraph does not know",
    "Only fields of all the subgraphs of an input type go into the API. One that must be given cannot be left out.",
    "Add the field in every subgraph that has the type; or make it optional.",
  ),
  EMPTY_MERGED_INPUT_TYPE: refused(
    "The subgraphs' versions of an input type have no field in common",
    "Only fields of all its subgraphs go into the API: none would be left.",
    "Give it a field in common; or rename one of them where they are two types.",
  ),
  ENUM_VALUE_MISMATCH: refused(
    "An enum that clients send and get differs between subgraphs",
    "A client could send a value that a subgraph does not know, or get one that it could not send back.",
    "Give the enum the same values in all its subgraphs. To add one, add it everywhere, hidden by `@inaccessible`, and show it when all are deployed.",
  ),
  EMPTY_MERGED_ENUM_TYPE: refused(
    "The subgraphs' versions of an enum have no value in common",
    "Clients send it, so that only values of all its subgraphs go into the API: none would be left.",
    "Give it a value in common; or rename one of them where they are two types.",
  ),
  SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES: refused(
    "A shared field gives types that have nothing in common",
    "A shared field has to give the same wherever it is asked. These subgraphs never give the same.",
    "Let the subgraphs resolve it to the same types; or keep it in one of them.",
  ),
  SATISFIABILITY_ERROR: refused(
    "Clients could ask for what nobody can answer",
    "Each subgraph fits the others, yet there is an operation for which no way leads from where it begins to the subgraph that has the field. Mostly a key is missing.",
    "Give the type a `@key` in common, by which the router can go from one subgraph to the other.",
  ),
  OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE: refused(
    "An @override together with a directive that contradicts it",
    "A field that is `@external`, or that `@requires` or `@provides` something where it was, cannot be moved by `@override`.",
    "Take the other directive off first; or move the field by removing it from its former subgraph.",
  ),
  OVERRIDE_FROM_SELF_ERROR: refused(
    "An @override from the very subgraph",
    "A field cannot be moved to where it is.",
    "Name the subgraph that it comes from, or take `@override` off.",
  ),
  OVERRIDE_SOURCE_HAS_OVERRIDE: refused(
    "Two subgraphs override one field",
    "Neither would resolve it, or both.",
    "Keep `@override` in the subgraph that is to have the field.",
  ),
  OVERRIDE_ON_INTERFACE: refused(
    "An @override on a field of an interface",
    "Fields of an interface are not resolved: there is nothing to move.",
    "Put `@override` on the fields of the object types.",
  ),
  OVERRIDE_LABEL_INVALID: refused(
    "The label of an @override is none",
    "Routers decide by the label which part of the requests goes to the new subgraph.",
    'Write `label: "percent(10)"`, with 0 to 100; or a name of letters, digits and `_-:./` that begins with a letter.',
  ),
  UNSUPPORTED_FEATURE: refused(
    "Something that federation does not support",
    "Composition knows what is meant, and cannot do it.",
    "Follow the message.",
  ),
  INVALID_FEDERATION_SUPERGRAPH: refused(
    "A supergraph that is none",
    "What was given as a supergraph is no output of composition.",
    "Give the router what composition writes, unchanged.",
  ),
  DOWNSTREAM_SERVICE_ERROR: refused(
    "A subgraph answered with an error",
    "A subgraph was asked for its schema and could not give it.",
    "See to the subgraph; or check its schema from a file.",
  ),
  KEY_DIRECTIVE_IN_FIELDS_ARG: refused(
    "A key has a directive in it",
    "A key is the same for every request: nothing in it can be conditional.",
    "Leave the directive out of the key's fields.",
  ),
  PROVIDES_DIRECTIVE_IN_FIELDS_ARG: refused(
    "A @provides has a directive in it",
    "What is provided is the same for every request: nothing in it can be conditional.",
    "Leave the directive out of the fields.",
  ),
  REQUIRES_DIRECTIVE_IN_FIELDS_ARG: refused(
    "A @requires has a directive in it",
    "What is required is the same for every request: nothing in it can be conditional.",
    "Leave the directive out of the fields.",
  ),
  DIRECTIVE_COMPOSITION_ERROR: refused(
    "A directive cannot be composed",
    "`@composeDirective` asks for a directive of yours in the supergraph. It is not defined, of no linked feature, federation's own, or not the same in all subgraphs.",
    'Define it, link its feature, name it with its @: `@composeDirective(name: "@audit")`; in all subgraphs by the same name and major version.',
  ),
  INTERFACE_OBJECT_USAGE_ERROR: refused(
    "An @interfaceObject that cannot be one",
    "It stands for an interface of another subgraph, to which the router goes by a key: it needs a `@key`, and a subgraph where the interface is one.",
    "Give it a `@key`, and define the interface with that key, and its types, in a federation 2 subgraph.",
  ),
  INTERFACE_KEY_NOT_ON_IMPLEMENTATION: refused(
    "A type lacks the key of its interface",
    "Whoever asks for the interface by its key may be asking for this type, which cannot be had by it.",
    "Give every type that implements the interface the same `@key`, resolvable as the interface's is.",
  ),
  INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: refused(
    "A subgraph resolves an interface by a key, and does not know all of its types",
    "Asked for the interface by its key, the subgraph has to tell the type, whichever it is. Another subgraph has one more.",
    "Define the type in this subgraph, with the key; or let another subgraph resolve the interface (`resolvable: false` here).",
  ),
  CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS: refused(
    "An argument is taken from a context in some subgraphs only, and must be given in the others",
    "Clients do not see the argument, because of the context; the other subgraphs would never get it.",
    "Take it from the context in all subgraphs; or make it optional where it is not.",
  ),
  COST_APPLIED_TO_INTERFACE_FIELD: refused(
    "@cost on a field of an interface",
    "What a field costs depends on the type that resolves it.",
    "Put `@cost` on the fields of the object types.",
  ),
  LIST_SIZE_APPLIED_TO_NON_LIST: refused(
    "@listSize on what is no list",
    "There is nothing to count: the router would estimate the cost of operations wrongly.",
    'Take `@listSize` off; for a page, name its lists: `sizedFields: ["nodes"]`.',
  ),
  LIST_SIZE_INVALID_ASSUMED_SIZE: refused(
    "A @listSize below nought",
    "The cost of operations would be negative.",
    "Write how many entries the list has at most.",
  ),
  LIST_SIZE_INVALID_SIZED_FIELD: refused(
    "A @listSize of a field that there is not",
    "The router could not know which list the size is of.",
    "Name lists of the type that the field gives.",
  ),
  LIST_SIZE_INVALID_SLICING_ARGUMENT: refused(
    "A @listSize of an argument that there is not",
    "The router could not know how many entries are asked for.",
    "Name arguments of the field that are `Int` or `Int!`, such as `first`.",
  ),
  MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED: refused(
    "There are too many ways through the subgraphs",
    "Composition gave up: so many subgraphs can answer the same that it could not look at all ways. The router would take long to plan, too.",
    "Share fewer fields and types among fewer subgraphs.",
  ),
  AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: refused(
    "A guard on an interface",
    "`@authenticated`, `@requiresScopes` and `@policy` guard object types and their fields. On an interface they would leave open what another way leads to.",
    "Put the guard on each object type or field that implements the interface.",
  ),
  MISSING_TRANSITIVE_AUTH_REQUIREMENTS: refused(
    "A field needs a guarded one, and is not guarded itself",
    "It would tell, in other words, what its viewer may not see.",
    "Give the field at least the guard of what it requires.",
  ),
});
