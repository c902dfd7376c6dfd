import { combineRequirements, type Requirement } from "@supergraph/service/authorization";
import { type GraphQLObjectType, getNamedType, isInterfaceType, isObjectType } from "graphql";
import type { Comparison } from "../check/comparison.ts";
import type { ServableState } from "../check/state.ts";
import { type Finding, finding, type Location } from "../findings/finding.ts";
import type { AppliedDirective, SubgraphDirectives } from "./applied-directives.ts";
import { anyOf, type Hurts, knownUse, using } from "./known-use.ts";
import { placed } from "./places.ts";
import { compareRequirements, requirementOfField, whomItAdmits } from "./requirements.ts";
import { subgraphChanges } from "./subgraph-changes.ts";
import { isVisible } from "./visibility.ts";

/** Who may see what, as the router enforces it: by what all subgraphs together demand. */
export const securityFindings = (comparison: Comparison): Finding[] => [
  ...requirementChanges(comparison),
  ...unprotectedFields(comparison),
  ...newlyPublic(comparison),
];

const requirementChanges = (comparison: Comparison): Finding[] => {
  const [was, is] = [requirementsOf(comparison.base), requirementsOf(comparison.head)];
  const declared = new Set([...was.keys(), ...is.keys()]);
  return [...declared].flatMap((coordinate): Finding[] => {
    // What is new, or gone, or was hidden, nobody sees differently.
    if (!isVisible(comparison.base.api, coordinate) || !isVisible(comparison.head.api, coordinate)) return [];
    if (compareRequirements(was.get(coordinate), is.get(coordinate)) === "same") return [];
    // A demand that went from a type to its fields is none the less for these.
    const [type = "", field] = coordinate.split(".");
    const demanded = (requirements: typeof was): Requirement | undefined =>
      field === undefined ? requirements.get(type) : requirementOfField(requirements, type, field);
    const [before, after] = [demanded(was), demanded(is)];
    const change = compareRequirements(before, after);
    if (change === "same") return [];
    const place = placeOfDemand(comparison, coordinate);
    const [former, next] = [whomItAdmits(before), whomItAdmits(after)];
    const hurts = seeing(comparison.base, coordinate);
    if (change === "tightened")
      return [
        finding("SECURITY_REQUIREMENT_TIGHTENED", {
          ...knownUse(comparison).judge(hurts, place.subgraphs),
          ...place,
          coordinate,
          message: `${coordinate} may be ${had(coordinate)} only by ${next}, and was by ${former}.`,
        }),
      ];
    const code = change === "relaxed" ? "SECURITY_REQUIREMENT_RELAXED" : "SECURITY_REQUIREMENT_CHANGED";
    return [
      finding(code, {
        ...place,
        coordinate,
        message: `${coordinate} may be ${had(coordinate)} by ${next}, and was ${change === "relaxed" ? "only " : ""}by ${former}.`,
        details: change === "relaxed" ? [] : knownUse(comparison).evidence(hurts),
      }),
    ];
  });
};

/** What viewers do with it. */
const had = (coordinate: string): string => (coordinate.startsWith("Mutation.") ? "sent" : "seen");

const requirementsOf = ({ supergraph }: ServableState): ReadonlyMap<string, Requirement> =>
  supergraph.facts.requirements;

/** Who selects the field; of a type who selects it, or any of its fields through an interface. */
const seeing = ({ api }: ServableState, coordinate: string): Hurts => {
  const type = api.getType(coordinate);
  if (!isObjectType(type) && !isInterfaceType(type)) return using(coordinate);
  return anyOf(using(coordinate), ...Object.keys(type.getFields()).map((field) => using(`${coordinate}.${field}`)));
};

const DEMANDS: ReadonlySet<string> = new Set(["authenticated", "requiresScopes", "policy"]);

/** Where the subgraphs say otherwise than before what they demand; else where the coordinate is. */
const placeOfDemand = (
  comparison: Comparison,
  coordinate: string,
): { readonly subgraphs: readonly string[]; readonly locations: readonly Location[] } => {
  const { changed, added, removed } = subgraphChanges(comparison);
  const pairs: { readonly name: string; readonly before?: SubgraphDirectives; readonly after?: SubgraphDirectives }[] =
    [
      ...changed,
      ...added.map((after) => ({ name: after.name, after })),
      ...removed.map((before) => ({ name: before.name, before })),
    ];
  const differing = pairs.flatMap(({ name, before, after }) => {
    const [was, is] = [demandsIn(before, coordinate), demandsIn(after, coordinate)];
    if (was.map(textOf).join(" ") === is.map(textOf).join(" ")) return [];
    const here = after?.elements.get(coordinate)?.place;
    return [{ name, now: is.length > 0 ? is.map(({ place }) => place) : here ? [here] : [], former: was }];
  });
  if (differing.length === 0) {
    const { subgraphs, locations = [] } = placed(comparison, coordinate, false);
    return { subgraphs, locations };
  }
  return {
    subgraphs: differing.map(({ name }) => name),
    locations: [
      ...differing.flatMap(({ now }) => now),
      ...differing.flatMap(({ former }) => former.map(({ place }) => place)),
    ],
  };
};

const demandsIn = (subgraph: SubgraphDirectives | undefined, coordinate: string): readonly AppliedDirective[] =>
  (subgraph?.elements.get(coordinate)?.directives ?? []).filter(({ name }) => DEMANDS.has(name));

const textOf = ({ name, arguments: given }: AppliedDirective): string => `${name}${[...given.values()].join()}`;

/** Fields that are new and demand nothing, where all others of their type do; and mutations that anybody may send. */
const unprotectedFields = (comparison: Comparison): Finding[] => {
  const { base, head } = comparison;
  if (base.api === head.api) return [];
  const [was, is] = [requirementsOf(base), requirementsOf(head)];
  return Object.values(head.api.getTypeMap()).flatMap((type): Finding[] => {
    if (!isObjectType(type) || type.name.startsWith("__")) return [];
    const former = base.api.getType(type.name);
    const fieldsBefore = isObjectType(former) ? former.getFields() : {};
    const news = Object.keys(type.getFields()).filter(
      (field) => !(field in fieldsBefore) && !isProtected(is, type, field),
    );
    if (news.length === 0) return [];
    const siblings = isObjectType(former)
      ? Object.values(fieldsBefore).filter((field) => getNamedType(field.type).name !== "ID")
      : [];
    const stands =
      isObjectType(former) && siblings.length > 0 && siblings.every(({ name }) => isProtected(was, former, name));
    const isMutation = type === head.api.getMutationType();
    if (!stands && !isMutation) return [];
    return news.map((field) => {
      const coordinate = `${type.name}.${field}`;
      const { subgraphs, locations } = placed(comparison, coordinate, false);
      return finding(stands ? "SECURITY_UNPROTECTED_FIELD_ADDED" : "SECURITY_UNPROTECTED_MUTATION_ADDED", {
        coordinate,
        subgraphs,
        locations: locations ?? [],
        message: stands
          ? `${coordinate} may be ${had(coordinate)} by anybody, unlike the other fields of ${type.name}.`
          : `${coordinate} may be sent by anybody.`,
      });
    });
  });
};

const isProtected = (
  requirements: ReadonlyMap<string, Requirement>,
  type: GraphQLObjectType,
  field: string,
): boolean => {
  const answered = type.getFields()[field];
  const ofAnswer = answered && requirements.get(getNamedType(answered.type).name);
  return whomItAdmits(combineRequirements(requirementOfField(requirements, type.name, field), ofAnswer)) !== "anybody";
};

/** What was `@inaccessible` and can be asked for now. */
const newlyPublic = (comparison: Comparison): Finding[] => {
  const { changed, removed } = subgraphChanges(comparison);
  const { head } = comparison;
  const hidden = new Map<string, { readonly names: string[]; readonly places: Location[] }>();
  for (const before of [...changed.map((pair) => pair.before), ...removed])
    for (const { coordinate, directives } of before.elements.values())
      for (const { name, place } of directives) {
        if (name !== "inaccessible" || !isVisible(head.api, coordinate)) continue;
        const known = hidden.get(coordinate) ?? { names: [], places: [] };
        known.names.push(before.name);
        known.places.push(place);
        hidden.set(coordinate, known);
      }
  return [...hidden].map(([coordinate, { names, places }]) => {
    // An argument is as much as its field.
    const [type = "", field] = coordinate.replace(/\(.*/, "").split(".");
    const requirements = requirementsOf(head);
    const demanded = field === undefined ? requirements.get(type) : requirementOfField(requirements, type, field);
    return finding("SECURITY_NEWLY_PUBLIC", {
      coordinate,
      subgraphs: names,
      locations: [...(placed(comparison, coordinate, false).locations ?? []), ...places],
      message: `${coordinate} was @inaccessible, and may be ${had(coordinate)} by ${whomItAdmits(demanded)} now.`,
    });
  });
};
