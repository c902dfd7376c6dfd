import type { Severity } from "../finding.ts";
import { type FindingKind, kinds } from "../stages.ts";

const kind = (severity: Severity, title: string, meaning: string, remedy: string): FindingKind => ({
  stage: "federation",
  severity,
  title,
  meaning,
  remedy,
});

const NOTHING = "Nothing needs to be done.";
const PLANS = "Look at what the plans say of it: `npm run schema -- explain` shows an operation's.";

/** How the subgraphs are joined, and who resolves what. Nothing of this is a change of the API. */
export const FEDERATION_KINDS = kinds({
  FEDERATION_SUBGRAPH_ADDED: kind(
    "info",
    "A subgraph was added",
    "Routers ask another service from the moment they have the supergraph.",
    "Make sure that the service runs before the supergraph is published.",
  ),
  FEDERATION_SUBGRAPH_REMOVED: kind(
    "warning",
    "A subgraph was removed",
    "Routers ask it no longer. Those that still have the former supergraph do, until they have the new one.",
    "Stop the service only when no router has the former supergraph.",
  ),
  FEDERATION_ROUTING_URL_CHANGED: kind(
    "warning",
    "A subgraph is to be reached elsewhere",
    "Routers that are not told otherwise ask the new address, with the credentials that they propagate.",
    "Make sure that the service answers there, and that the address is within the network that it belongs to.",
  ),
  FEDERATION_VERSION_RAISED: kind(
    "info",
    "A subgraph uses a later version of federation",
    "Its directives may mean more, and the supergraph may need a router that knows them. From federation 1 on, what is not @shareable is one subgraph's alone.",
    "Make sure that the service's library and the routers know the version.",
  ),
  FEDERATION_VERSION_LOWERED: kind(
    "warning",
    "A subgraph uses an earlier version of federation",
    "Directives that came with the later version are not known in it.",
    "Make sure that this is meant, and not what a merge left behind.",
  ),

  FEDERATION_ENTITY_ADDED: kind(
    "info",
    "A subgraph can be asked for an entity",
    "It contributes to a type that others have; plans may go to it with references.",
    "Implement its reference resolver before the supergraph is published.",
  ),
  FEDERATION_ENTITY_LOST: kind(
    "error",
    "A type is no longer an entity",
    "No subgraph can be asked for it by a key: whoever does, be it a router with the former supergraph or another gateway, is refused, and no subgraph can add fields to it any more.",
    "Keep a key in the subgraph that owns it, or approve this when nobody asks for it by `_entities`.",
  ),
  FEDERATION_ENTITY_LOST_IN_SUBGRAPH: kind(
    "warning",
    "A subgraph can no longer be asked for an entity",
    "Its fields of the type, where it has any left, are reached only from within it. Routers with the former supergraph still ask it by the key.",
    `Keep the key until no router has the former supergraph. ${PLANS}`,
  ),
  FEDERATION_KEY_ADDED: kind(
    "info",
    "An entity has another key",
    "Plans may reach the subgraph by it, often with a step less.",
    "Make sure that the reference resolver takes it before the supergraph is published.",
  ),
  FEDERATION_KEY_REMOVED: kind(
    "warning",
    "An entity lost a key",
    "That the subgraphs still compose tells that there is another way, which may be longer. Routers with the former supergraph, and other gateways, still ask by the key and are refused.",
    `Let the reference resolver take the key until no router has the former supergraph. ${PLANS}`,
  ),
  FEDERATION_KEY_CHANGED: kind(
    "warning",
    "An entity's key changed",
    "While it is deployed there are routers that ask by the former key and some that ask by the new one: a subgraph that takes but one of them refuses the other.",
    "Have both keys for a time, and remove the former one afterwards.",
  ),
  FEDERATION_KEY_BECAME_RESOLVABLE: kind(
    "info",
    "A subgraph resolves an entity that it only named",
    "Plans may go to it with references.",
    "Implement its reference resolver before the supergraph is published.",
  ),
  FEDERATION_KEY_NO_LONGER_RESOLVABLE: kind(
    "warning",
    "A subgraph only names an entity that it resolved",
    "Plans no longer go to it by this key. Routers with the former supergraph still do.",
    `Keep the reference resolver until no router has the former supergraph. ${PLANS}`,
  ),

  FEDERATION_FIELD_MOVED: kind(
    "warning",
    "A field moved to another subgraph at once",
    "Routers with the former supergraph ask the subgraph that no longer has it, and those with the new one may ask a service that is not deployed yet: for a time operations fail, whichever is first.",
    'Let the new subgraph have it with `@override(from: "…")` while the former one keeps it, and take it from there afterwards.',
  ),
  FEDERATION_OVERRIDE_ADDED: kind(
    "warning",
    "A field is taken over by another subgraph",
    "Another service answers it from now on; plans, latency and what it answers may differ, though the API does not.",
    `Compare what both answer. Later, take the field from the former one and the @override away. ${PLANS}`,
  ),
  FEDERATION_OVERRIDE_REMOVED: kind(
    "warning",
    "A field is no longer taken over",
    "Where the former subgraph still has the field, it answers it again; where it has not, nothing changes.",
    "Make sure that who resolves it now is who is meant to.",
  ),
  FEDERATION_OVERRIDE_SOURCE_CHANGED: kind(
    "warning",
    "A field is taken over from another subgraph than before",
    "The subgraph that was overridden may answer it again, and another one no longer does.",
    "Make sure that who resolves it now is who is meant to.",
  ),
  FEDERATION_OVERRIDE_LABEL_CHANGED: kind(
    "warning",
    "Another part of the requests goes to the subgraph that takes a field over",
    "Load moves between two services, and with it latency and errors.",
    "Make sure that the service bears the load; look at its errors before the next step.",
  ),
  FEDERATION_FIELD_SHARED: kind(
    "info",
    "Another subgraph resolves a field too",
    "Plans may ask either. Both must answer the same.",
    "Make sure that both have the same source, or one of them will be wrong.",
  ),
  FEDERATION_FIELD_NO_LONGER_SHARED: kind(
    "info",
    "A subgraph no longer resolves a shared field",
    "Plans that had it from there take another step to have it.",
    PLANS,
  ),
  FEDERATION_TYPE_SHARED: kind(
    "info",
    "Another subgraph has a shared type too",
    "What it has of it must mean the same as in the others; a field that one of them lacks is out of reach from there.",
    "Keep its definitions alike in all subgraphs that have it.",
  ),
  FEDERATION_TYPE_NO_LONGER_SHARED: kind(
    "info",
    "A subgraph no longer has a shared type",
    "The others keep it.",
    NOTHING,
  ),

  FEDERATION_SHAREABLE_ADDED: kind(
    "info",
    "Others may resolve a field too",
    "Another subgraph can take part in resolving it without asking this one's owners.",
    "Agree with the others on where its values come from.",
  ),
  FEDERATION_SHAREABLE_REMOVED: kind(
    "info",
    "Others may no longer resolve a field",
    "As it composes nobody else does. Who wants to must ask this subgraph's owners.",
    NOTHING,
  ),
  FEDERATION_EXTERNAL_ADDED: kind(
    "warning",
    "A subgraph no longer resolves a field, and refers to another's",
    "Plans that had it from there take another step. Routers with the former supergraph still ask this subgraph for it.",
    `Keep its resolver until no router has the former supergraph. ${PLANS}`,
  ),
  FEDERATION_EXTERNAL_REMOVED: kind(
    "info",
    "A subgraph resolves a field that it only referred to",
    "Plans may have it from there.",
    "Implement its resolver before the supergraph is published.",
  ),
  FEDERATION_REQUIRES_ADDED: kind(
    "warning",
    "A field needs fields of other subgraphs",
    "Whoever selects it makes the router ask for those first: one step more, and the field fails where they do.",
    PLANS,
  ),
  FEDERATION_REQUIRES_REMOVED: kind(
    "info",
    "A field no longer needs fields of other subgraphs",
    "Plans may be a step shorter. Its resolver is not given them any more.",
    "Make sure that the resolver does without them before the supergraph is published.",
  ),
  FEDERATION_REQUIRES_CHANGED: kind(
    "warning",
    "A field needs other fields of other subgraphs",
    "While it is deployed, a resolver is given what the former supergraph had asked for, or lacks what the new one does not ask for.",
    "Let the resolver take both, until no router has the former supergraph.",
  ),
  FEDERATION_PROVIDES_ADDED: kind(
    "info",
    "A field brings fields of other subgraphs along",
    "Plans may save a step to the subgraph that has them.",
    "Make sure that the resolver really gives them, on this very path.",
  ),
  FEDERATION_PROVIDES_REMOVED: kind(
    "warning",
    "A field no longer brings fields of other subgraphs along",
    "Plans take a step more to have them.",
    PLANS,
  ),
  FEDERATION_PROVIDES_CHANGED: kind(
    "warning",
    "A field brings other fields of other subgraphs along",
    "Plans take a step more for those that it no longer brings.",
    PLANS,
  ),
  FEDERATION_INACCESSIBLE_ADDED: kind(
    "info",
    "A subgraph hides something from the API",
    "Clients can no longer ask for it, whatever other subgraphs say; the changes of the API tell whom that hurts. Other subgraphs may still use it in keys and @requires.",
    NOTHING,
  ),
  FEDERATION_INACCESSIBLE_REMOVED: kind(
    "info",
    "A subgraph no longer hides something from the API",
    "Another subgraph still does, or hides its type: clients see it as little as before.",
    NOTHING,
  ),
  FEDERATION_TAG_ADDED: kind(
    "info",
    "Something was tagged",
    "Contracts that include or exclude by this tag gain or lose it; a warning where one of those that are configured does.",
    "See the findings of the contracts.",
  ),
  FEDERATION_TAG_REMOVED: kind(
    "info",
    "A tag was removed",
    "Contracts that include or exclude by this tag lose or gain it; a warning where one of those that are configured does.",
    "See the findings of the contracts.",
  ),
  FEDERATION_INTERFACE_OBJECT_ADDED: kind(
    "warning",
    "A subgraph stands for all implementations of an interface",
    "What it adds to the interface every implementation has, and it knows not which one it is: who asks it for the type is sent to another subgraph first.",
    PLANS,
  ),
  FEDERATION_INTERFACE_OBJECT_REMOVED: kind(
    "warning",
    "A subgraph no longer stands for all implementations of an interface",
    "The implementations have only those of its fields that they define themselves.",
    "Make sure that each implementation that needs the fields has them.",
  ),
  FEDERATION_EXTENDS_ADDED: kind(
    "info",
    "A subgraph extends a type",
    "In federation 2 this says nothing more than the type itself does.",
    NOTHING,
  ),
  FEDERATION_EXTENDS_REMOVED: kind(
    "info",
    "A subgraph no longer extends a type",
    "In federation 2 this says nothing more than the type itself does.",
    NOTHING,
  ),
  FEDERATION_COMPOSE_DIRECTIVE_ADDED: kind(
    "info",
    "A subgraph's own directive is composed",
    "The supergraph carries it: routers that act upon it do from now on.",
    "Make sure that the routers know what it means.",
  ),
  FEDERATION_COMPOSE_DIRECTIVE_REMOVED: kind(
    "warning",
    "A subgraph's own directive is no longer composed",
    "The supergraph does not carry this subgraph's uses of it: routers that acted upon them no longer do.",
    "Make sure that nothing relies on it.",
  ),
});

export type FederationFindingCode = keyof typeof FEDERATION_KINDS;
