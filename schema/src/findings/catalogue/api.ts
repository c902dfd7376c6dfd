import { type FindingKind, kinds } from "../stages.ts";

type Told = Pick<FindingKind, "title" | "meaning" | "remedy">;

/** An error where a known operation is hurt, or none is known at all; a warning where none of the known is. */
const breaking = (told: Told): FindingKind => ({ stage: "api", severity: "error", ...told });
/** Operations stay valid, and may be answered what their clients do not expect. */
const dangerous = (told: Told): FindingKind => ({ stage: "api", severity: "warning", ...told });
const safe = (title: string, meaning: string, remedy = "Nothing needs to be done."): FindingKind => ({
  stage: "api",
  severity: "info",
  title,
  meaning,
  remedy,
});

const KEEP = "Keep it and mark it `@deprecated`; take it away once no operation uses it.";
const BESIDE = "Add what is to be beside it under a name of its own, and mark the old one `@deprecated`.";

/** What clients see differently. */
export const API_KINDS = kinds({
  API_TYPE_REMOVED: breaking({
    title: "A type was removed",
    meaning: "Operations that select it, ask for it by a fragment or send it in a variable are refused.",
    remedy: KEEP,
  }),
  API_TYPE_ADDED: safe("A type was added", "Operations that are known do not ask for it."),
  API_TYPE_KIND_CHANGED: breaking({
    title: "A type became another kind of type",
    meaning: "Selections, fragments and values that suited the former kind are refused for the new one.",
    remedy: BESIDE,
  }),
  API_TYPE_DESCRIPTION_CHANGED: safe("A type's description changed", "Operations are answered as before."),
  API_ROOT_TYPE_ADDED: safe(
    "The API has a new root type",
    "Clients may send operations of a kind that they could not send before, such as mutations or subscriptions.",
    "Make sure that what is before the router lets them through, and that limits hold for them.",
  ),
  API_ROOT_TYPE_REMOVED: breaking({
    title: "The API lost a root type",
    meaning: "All operations of that kind are refused.",
    remedy: "Keep its fields and mark them `@deprecated`; take them away once no operation uses them.",
  }),

  API_FIELD_REMOVED: breaking({
    title: "A field was removed",
    meaning: "Operations that select it are refused as a whole, not only for this field.",
    remedy: KEEP,
  }),
  API_FIELD_ADDED: safe("A field was added", "Operations are answered as before."),
  API_FIELD_TYPE_CHANGED: breaking({
    title: "A field's type changed",
    meaning: "Operations that select it may be refused, and clients are answered values that they cannot read.",
    remedy: BESIDE,
  }),
  API_FIELD_BECAME_NULLABLE: breaking({
    title: "A field may be null",
    meaning: "Operations stay valid, but clients that rely on a value, as generated types let them, fail at a null.",
    remedy: "Keep it non-null, or release clients that take a null before it is deployed, and approve this.",
  }),
  API_FIELD_BECAME_NON_NULL: safe(
    "A field is never null any more",
    "Clients are answered what they could be answered before. Should a resolver answer null all the same, the error takes the object around it along.",
    "Make sure that every subgraph that resolves it always has a value.",
  ),
  API_FIELD_DESCRIPTION_CHANGED: safe("A field's description changed", "Operations are answered as before."),
  API_FIELD_DEPRECATED: safe(
    "A field was deprecated",
    "It is answered as before; whoever writes operations is told not to use it.",
    "Tell those who use it until when it stays, and what to use instead.",
  ),
  API_FIELD_UNDEPRECATED: safe("A field is no longer deprecated", "Who is to avoid it is no longer told so."),
  API_DEPRECATION_REASON_CHANGED: safe("A reason of deprecation changed", "It is deprecated as before."),

  API_ARGUMENT_REMOVED: breaking({
    title: "An argument was removed",
    meaning: "Operations that give it are refused.",
    remedy: KEEP,
  }),
  API_ARGUMENT_ADDED: safe("An optional argument was added", "Operations that do not give it are answered as before."),
  API_ARGUMENT_WITH_DEFAULT_ADDED: dangerous({
    title: "An argument with a default was added",
    meaning:
      "Operations that are known do not give it: their resolvers are given the default, and may answer otherwise.",
    remedy: "Make sure that the default is what was answered before.",
  }),
  API_REQUIRED_ARGUMENT_ADDED: breaking({
    title: "An argument that must be given was added",
    meaning: "Operations that select the field do not give it, and are refused.",
    remedy: "Make it nullable, or give it a default that answers as before.",
  }),
  API_ARGUMENT_TYPE_CHANGED: breaking({
    title: "An argument's type changed",
    meaning: "Operations that give it, as a value or by a variable of the former type, are refused.",
    remedy: BESIDE,
  }),
  API_ARGUMENT_BECAME_REQUIRED: breaking({
    title: "An argument takes no null any more",
    meaning: "Operations that leave it out, or give it by a variable that may be null, are refused.",
    remedy: "Leave it nullable, and refuse a null in the resolver where there is no other way.",
  }),
  API_ARGUMENT_TYPE_WIDENED: safe("An argument takes more than before", "All that was accepted still is."),
  API_ARGUMENT_DEFAULT_CHANGED: dangerous({
    title: "An argument's default changed",
    meaning: "Operations that do not give it stay valid and are answered otherwise.",
    remedy: "Keep the default, or tell those who rely on it.",
  }),
  API_ARGUMENT_DESCRIPTION_CHANGED: safe("An argument's description changed", "Operations are answered as before."),
  API_ARGUMENT_DEPRECATED: safe(
    "An argument was deprecated",
    "It works as before; whoever writes operations is told not to give it.",
    "Tell those who give it until when it stays.",
  ),
  API_ARGUMENT_UNDEPRECATED: safe("An argument is no longer deprecated", "Who is to avoid it is no longer told so."),

  API_INPUT_FIELD_REMOVED: breaking({
    title: "A field of an input was removed",
    meaning: "Operations that send it are refused, also where it is within a variable.",
    remedy: KEEP,
  }),
  API_INPUT_FIELD_ADDED: safe("An optional field of an input was added", "Who does not send it is answered as before."),
  API_INPUT_FIELD_WITH_DEFAULT_ADDED: dangerous({
    title: "A field of an input was added with a default",
    meaning:
      "Clients that are known do not send it: resolvers are given the default, and may do otherwise than before.",
    remedy: "Make sure that the default does what was done before.",
  }),
  API_REQUIRED_INPUT_FIELD_ADDED: breaking({
    title: "A field that must be sent was added to an input",
    meaning: "Clients that send the input without it, by a literal or a variable, are refused.",
    remedy: "Make it nullable, or give it a default that does as before.",
  }),
  API_INPUT_FIELD_TYPE_CHANGED: breaking({
    title: "The type of a field of an input changed",
    meaning: "Clients that send it are refused for values of the former type.",
    remedy: BESIDE,
  }),
  API_INPUT_FIELD_BECAME_REQUIRED: breaking({
    title: "A field of an input takes no null any more",
    meaning: "Clients that leave it out, or send null, are refused.",
    remedy: "Leave it nullable, and refuse a null in the resolver where there is no other way.",
  }),
  API_INPUT_FIELD_TYPE_WIDENED: safe("A field of an input takes more than before", "All that was accepted still is."),
  API_INPUT_FIELD_DEFAULT_CHANGED: dangerous({
    title: "The default of a field of an input changed",
    meaning: "Clients that do not send it have something else done than before.",
    remedy: "Keep the default, or tell those who rely on it.",
  }),
  API_INPUT_FIELD_DESCRIPTION_CHANGED: safe(
    "The description of a field of an input changed",
    "Operations are answered as before.",
  ),
  API_INPUT_FIELD_DEPRECATED: safe(
    "A field of an input was deprecated",
    "It works as before; whoever writes operations is told not to send it.",
    "Tell those who send it until when it stays.",
  ),
  API_INPUT_FIELD_UNDEPRECATED: safe(
    "A field of an input is no longer deprecated",
    "Who is to avoid it is no longer told so.",
  ),
  API_INPUT_BECAME_ONE_OF: breaking({
    title: "An input takes exactly one of its fields",
    meaning: "Clients that send several of them, or none, are refused.",
    remedy: "Add an input with `@oneOf` beside it, and mark what takes the old one `@deprecated`.",
  }),
  API_INPUT_NO_LONGER_ONE_OF: safe(
    "An input takes several of its fields",
    "All that was accepted still is.",
    "Make sure that resolvers know what to do with several of them, and with none.",
  ),

  API_ENUM_VALUE_REMOVED: breaking({
    title: "An enum value was removed",
    meaning:
      "Operations that send it are refused; those that are answered the enum never get it again, and a subgraph that still answers it causes an error.",
    remedy: "Keep it and mark it `@deprecated`; take it away once nothing sends, stores or expects it.",
  }),
  API_ENUM_VALUE_ADDED: dangerous({
    title: "An enum value was added",
    meaning:
      "Clients that are answered the enum meet a value that they did not know when they were written. Where clients can only send it, nobody is surprised.",
    remedy: "Make sure that clients treat unknown values as such, before a subgraph answers this one.",
  }),
  API_ENUM_VALUE_DESCRIPTION_CHANGED: safe("An enum value's description changed", "Operations are answered as before."),
  API_ENUM_VALUE_DEPRECATED: safe(
    "An enum value was deprecated",
    "It works as before; whoever writes operations is told not to use it.",
    "Tell those who use it until when it stays.",
  ),
  API_ENUM_VALUE_UNDEPRECATED: safe(
    "An enum value is no longer deprecated",
    "Who is to avoid it is no longer told so.",
  ),

  API_UNION_MEMBER_REMOVED: breaking({
    title: "A union lost a member",
    meaning: "Operations that ask for this member of it are refused: their selection can never be.",
    remedy: "Keep the member; a union may have one that never comes.",
  }),
  API_UNION_MEMBER_ADDED: dangerous({
    title: "A union has another member",
    meaning: "Clients that select it may be answered an object of which they asked nothing but `__typename`.",
    remedy: "Make sure that clients pass over members that they do not know.",
  }),
  API_INTERFACE_REMOVED: breaking({
    title: "A type no longer implements an interface",
    meaning: "Operations that ask for the one within the other are refused: their selection can never be.",
    remedy: "Keep the interface on the type.",
  }),
  API_INTERFACE_ADDED: dangerous({
    title: "A type implements another interface",
    meaning: "Clients that select the interface may be answered objects of this type, which they did not know of.",
    remedy: "Make sure that clients pass over types that they do not know.",
  }),
  API_SCALAR_SPECIFICATION_CHANGED: dangerous({
    title: "A scalar is specified by another text",
    meaning: "Its values may look otherwise, though no operation does.",
    remedy: "Make sure that all values that were valid still are, or use a new scalar.",
  }),

  API_DIRECTIVE_REMOVED: breaking({
    title: "A directive of operations was removed",
    meaning: "Operations that have it are refused.",
    remedy: "Keep it until no operation has it.",
  }),
  API_DIRECTIVE_ADDED: safe("A directive of operations was added", "Operations are answered as before."),
  API_DIRECTIVE_DESCRIPTION_CHANGED: safe("A directive's description changed", "Operations are answered as before."),
  API_DIRECTIVE_LOCATION_ADDED: safe("A directive may stand elsewhere too", "Operations are answered as before."),
  API_DIRECTIVE_LOCATION_REMOVED: breaking({
    title: "A directive may no longer stand where it did",
    meaning: "Operations that have it there are refused.",
    remedy: "Keep the location until no operation has it there.",
  }),
  API_DIRECTIVE_BECAME_REPEATABLE: safe("A directive may be repeated", "Operations are answered as before."),
  API_DIRECTIVE_NO_LONGER_REPEATABLE: breaking({
    title: "A directive may no longer be repeated",
    meaning: "Operations that repeat it in one place are refused.",
    remedy: "Keep it repeatable until no operation repeats it.",
  }),
  API_DIRECTIVE_ARGUMENT_REMOVED: breaking({
    title: "A directive's argument was removed",
    meaning: "Operations that give it are refused.",
    remedy: "Keep it until no operation gives it.",
  }),
  API_DIRECTIVE_ARGUMENT_ADDED: safe("A directive has another argument", "Operations need not give it."),
  API_REQUIRED_DIRECTIVE_ARGUMENT_ADDED: breaking({
    title: "A directive has an argument that must be given",
    meaning: "Operations that have the directive do not give it, and are refused.",
    remedy: "Make it nullable, or give it a default.",
  }),
  API_DIRECTIVE_ARGUMENT_TYPE_CHANGED: breaking({
    title: "The type of a directive's argument changed",
    meaning: "Operations that give it are refused.",
    remedy: "Add another argument beside it.",
  }),
  API_DIRECTIVE_ARGUMENT_TYPE_WIDENED: safe(
    "A directive's argument takes more than before",
    "All that was accepted still is.",
  ),
  API_DIRECTIVE_ARGUMENT_DEFAULT_CHANGED: dangerous({
    title: "The default of a directive's argument changed",
    meaning: "Operations that do not give it stay valid and may be answered otherwise.",
    remedy: "Keep the default, or tell those who rely on it.",
  }),
  API_CHANGED: dangerous({
    title: "The API changed in a way that has no code",
    meaning: "The comparison of the two APIs told something that this version of the check does not know.",
    remedy: "Read the message, and judge by it whom it hurts.",
  }),
});

export type ApiFindingCode = keyof typeof API_KINDS;
