import { combineRequirements, type Requirement } from "@supergraph/service/authorization";

export type RequirementChange = "same" | "relaxed" | "tightened" | "incomparable";

/** Whether more viewers, or fewer, meet what is demanded now. `incomparable`: some who did no longer do, and others do now. */
export const compareRequirements = (
  before: Requirement | undefined,
  after: Requirement | undefined,
): RequirementChange => {
  const [stays, was] = [implies(before, after), implies(after, before)];
  if (stays && was) return "same";
  if (stays) return "relaxed";
  return was ? "tightened" : "incomparable";
};

/** Whether whoever meets `a` meets `b` as well. */
const implies = (a: Requirement | undefined, b: Requirement | undefined): boolean => {
  if (admitsGuests(a) && !admitsGuests(b)) return false;
  const [these, those] = [alternativesOf(a), alternativesOf(b)];
  return these.every((held) => those.some((needed) => needed.every((scope) => held.includes(scope))));
};

const admitsGuests = (requirement: Requirement | undefined): boolean =>
  requirement === undefined || (!requirement.authenticated && requirement.scopes.length === 0);

/** Who is signed in, without any scope, meets a requirement that names none. */
const alternativesOf = (requirement: Requirement | undefined): Requirement["scopes"] =>
  requirement === undefined || requirement.scopes.length === 0 ? [[]] : requirement.scopes;

/** `anybody`, `whoever is signed in`, `whoever has a:read and b:read, or c:all`. */
export const whomItAdmits = (requirement: Requirement | undefined): string => {
  if (admitsGuests(requirement)) return "anybody";
  const alternatives = alternativesOf(requirement);
  if (alternatives.some((scopes) => scopes.length === 0)) return "whoever is signed in";
  return `whoever has ${alternatives
    .map((scopes) => [...scopes].sort().join(" and "))
    .sort()
    .join(", or ")}`;
};

/** What a viewer must be to see a field: what its type demands, and what it demands itself. */
export const requirementOfField = (
  requirements: ReadonlyMap<string, Requirement>,
  type: string,
  field: string,
): Requirement | undefined => combineRequirements(requirements.get(type), requirements.get(`${type}.${field}`));
