import { kinds } from "../stages.ts";

/** What makes a schema harder to use than it has to be. None of it blocks unless `check.config.ts` raises it. */
export const LINT_KINDS = kinds({
  LINT_TYPE_NAME: {
    stage: "lint",
    severity: "warning",
    title: "A type's name is not in PascalCase",
    meaning:
      "Clients generate classes and types from it: a name in another case reads like something else in their code.",
    remedy:
      "Write it in PascalCase. Where clients use it already, add the new type, deprecate the fields that lead to this one, and exempt it in `lint.exempt` until it is gone.",
  },
  LINT_FIELD_NAME: {
    stage: "lint",
    severity: "warning",
    title: "A field's name is not in camelCase",
    meaning:
      "Clients write it in every operation and read it in every response; two cases in one graph have to be looked up.",
    remedy: "Write it in camelCase. Where clients use it already, add the new field beside it and deprecate this one.",
  },
  LINT_ARGUMENT_NAME: {
    stage: "lint",
    severity: "warning",
    title: "An argument's name is not in camelCase",
    meaning: "Clients write it in every operation; two cases in one graph have to be looked up.",
    remedy:
      "Write it in camelCase. Where clients use it already, add the new argument beside it and deprecate this one.",
  },
  LINT_INPUT_FIELD_NAME: {
    stage: "lint",
    severity: "warning",
    title: "An input field's name is not in camelCase",
    meaning: "Clients build the object in their code; two cases in one graph have to be looked up.",
    remedy: "Write it in camelCase. Where clients use it already, add the new field beside it and deprecate this one.",
  },
  LINT_ENUM_VALUE_NAME: {
    stage: "lint",
    severity: "warning",
    title: "An enum value's name is not in SCREAMING_SNAKE_CASE",
    meaning: "In operations a value stands without quotes: only its case tells it from a field or a variable.",
    remedy:
      "Write it in SCREAMING_SNAKE_CASE. Where clients use it already, add the new value beside it and deprecate this one.",
  },
  LINT_DIRECTIVE_NAME: {
    stage: "lint",
    severity: "warning",
    title: "The name of a directive or of its argument is not in camelCase",
    meaning: "GraphQL's own and federation's directives are in camelCase; another case looks like another language.",
    remedy: "Write it in camelCase.",
  },
  LINT_TYPE_NAME_AFFIX: {
    stage: "lint",
    severity: "info",
    title: "A type's name repeats its kind",
    meaning:
      "The schema, and every editor, says what kind a type is. The suffix makes each use longer and tells nothing.",
    remedy: "Leave the suffix out while nobody uses the type.",
  },
  LINT_QUERY_VERB: {
    stage: "lint",
    severity: "info",
    title: "A query is named like a command",
    meaning:
      "Fields of Query are what there is, and all of them are got: a verb in front keeps them from standing in order.",
    remedy: "Name it for what it gives.",
  },
  LINT_TYPE_UNDESCRIBED: {
    stage: "lint",
    severity: "warning",
    title: "A type without a description",
    meaning: "Who explores the graph sees a name only, and asks its owners or guesses.",
    remedy: "Describe it, in one of the subgraphs that define it.",
  },
  LINT_FIELD_UNDESCRIBED: {
    stage: "lint",
    severity: "warning",
    title: "A field without a description",
    meaning: "Who uses it has to guess its unit, its order, and when it is null.",
    remedy: "Describe it, in one of the subgraphs that define it.",
  },
  LINT_ARGUMENT_UNDESCRIBED: {
    stage: "lint",
    severity: "warning",
    title: "An argument without a description",
    meaning: "Who uses it has to guess what may be given, and what happens without it.",
    remedy: "Describe it, in one of the subgraphs that define it.",
  },
  LINT_INPUT_FIELD_UNDESCRIBED: {
    stage: "lint",
    severity: "warning",
    title: "An input field without a description",
    meaning: "Who fills it in has to guess what may be given, and what happens without it.",
    remedy: "Describe it, in one of the subgraphs that define it.",
  },
  LINT_ENUM_VALUE_UNDESCRIBED: {
    stage: "lint",
    severity: "warning",
    title: "An enum value without a description",
    meaning: "Who sends or shows it has to guess what it stands for.",
    remedy: "Describe it, in one of the subgraphs that define it.",
  },
  LINT_DEPRECATION_WITHOUT_REASON: {
    stage: "lint",
    severity: "warning",
    title: "A deprecation without a reason",
    meaning: "Clients learn that they have to leave, and not where to: they stay.",
    remedy: 'Say what to use instead: `@deprecated(reason: "Use Product.price.")`.',
  },
  LINT_DEPRECATED_REQUIRED: {
    stage: "lint",
    severity: "warning",
    title: "What clients must give is deprecated",
    meaning: "Nobody can stop giving it: an operation without it is not valid. GraphQL's specification forbids it.",
    remedy: "Make it nullable, or give it a default, together with the deprecation.",
  },
  LINT_LIST_UNPAGINATED: {
    stage: "lint",
    severity: "warning",
    title: "A list of entities that cannot be read by the page",
    meaning:
      "Entities are added for as long as the service runs. One day the list is too long for its subgraph, the router or the client, and clients cannot ask for less.",
    remedy:
      "Give a connection, or take `first` and `after`. A list that stays short is exempted in `lint.exempt`, or says how long it is with @listSize(assumedSize:).",
  },
  LINT_CONNECTION_SHAPE: {
    stage: "lint",
    severity: "warning",
    title: "A connection is not of the shape that clients know",
    meaning:
      "Relay, Apollo Client and urql page by `edges { cursor node }` and `pageInfo`. With anything else their paging does not work, or works wrong.",
    remedy: "Give it `edges` of a type with `cursor` and `node`, and `pageInfo: PageInfo!`.",
  },
  LINT_CONNECTION_ARGUMENTS: {
    stage: "lint",
    severity: "warning",
    title: "A field gives a connection and cannot be paged",
    meaning: "A client gets the first page and has no way to the next.",
    remedy: "Take `first: Int` and `after: String`, or `last: Int` and `before: String`, or all four.",
  },
  LINT_PAGE_INFO_SHAPE: {
    stage: "lint",
    severity: "warning",
    title: "PageInfo is not what clients know",
    meaning: "Clients' paging reads its four fields: without one of them it stops early, or never.",
    remedy:
      "Give it `hasNextPage: Boolean!`, `hasPreviousPage: Boolean!`, `startCursor: String` and `endCursor: String`.",
  },
  LINT_MUTATION_INPUT: {
    stage: "lint",
    severity: "warning",
    title: "A mutation does not take one input",
    meaning:
      "With one input object a client has one variable, and a new field breaks nobody; every argument more is to be named, typed and passed in each operation.",
    remedy: "Take one argument, `input`, of an input type of its own that is not null.",
  },
  LINT_MUTATION_PAYLOAD: {
    stage: "lint",
    severity: "warning",
    title: "A mutation does not give a payload",
    meaning: "There is no room for what went wrong, nor for anything that clients may have to learn later.",
    remedy: "Give an object type of its own, with what was changed and what went wrong.",
  },
  LINT_PAYLOAD_USER_ERRORS: {
    stage: "lint",
    severity: "warning",
    title: "A payload cannot say what went wrong",
    meaning:
      "Failures that a user can act on come as errors of the transport, or not at all: clients cannot show them.",
    remedy: "Give the payload a list of what the user can mend, empty on success.",
  },
  LINT_INPUT_NAME: {
    stage: "lint",
    severity: "warning",
    title: "An input type's name does not say that it is one",
    meaning: "Input and output types share one space of names, and generated code: `Address` can be only one of them.",
    remedy: "End its name in `Input`, or in another suffix of `lint.inputSuffixes`.",
  },
  LINT_NOT_AN_INPUT: {
    stage: "lint",
    severity: "warning",
    title: "A type is called an input and is none",
    meaning: "Who reads the name takes it for something to send.",
    remedy: "Name it for what it is.",
  },
  LINT_LIST_OF_NULLABLE: {
    stage: "lint",
    severity: "info",
    title: "A list may have null among its entries",
    meaning:
      "Every client has to be ready for entries that are null, and subgraphs for being sent some. It is right where one bad entry shall not take the list with it.",
    remedy: "Write `[T!]`, unless null is an answer.",
  },
  LINT_TYPE_UNREACHABLE: {
    stage: "lint",
    severity: "warning",
    title: "No operation can reach a type",
    meaning:
      "It is maintained and composed, and clients see it in the schema, for nothing; often the field that leads to it was forgotten.",
    remedy: "Add the field that leads to it, take it out, or mark it @inaccessible until it is ready.",
  },
  LINT_MORE_FOUND: {
    stage: "lint",
    severity: "info",
    title: "More was found than is told",
    meaning: "What is found so often is a habit and no slip: a list of all of it would hide everything else.",
    remedy:
      "Mend what is told and check again, exempt what is to stay, or raise `lint.mostOfOneCode`. `severities` can switch the finding off until its time has come.",
  },
  LINT_EXEMPTION_UNUSED: {
    stage: "lint",
    severity: "warning",
    title: "An exemption exempts nothing",
    meaning: "What it was for is mended, renamed or gone; it would hide the same thing, should it come back.",
    remedy: "Take it out of `lint.exempt`.",
  },
});
