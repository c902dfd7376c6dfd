import { diff, type SerializableChange } from "@graphql-inspector/core";
import type { GraphQLSchema } from "graphql";
import type { Comparison } from "../check/comparison.ts";
import { CATALOGUE, type FindingCode } from "../findings/catalogue.ts";
import { type Finding, finding } from "../findings/finding.ts";
import { ancestorsOf } from "../revisions/definitions.ts";
import type { ApiChange, Schemas, Translation } from "./api/change.ts";
import { DIRECTIVE_CHANGES } from "./api/directives.ts";
import { FIELD_CHANGES } from "./api/fields.ts";
import { INPUT_CHANGES } from "./api/inputs.ts";
import { TYPE_CHANGES } from "./api/types.ts";
import { knownUse } from "./known-use.ts";
import { placed } from "./places.ts";

/**
 * What clients see differently. What breaks those who use it is an error where a known operation does, or where none is known; a
 * warning where none of the known does, for others may.
 */
export const apiFindings = async (comparison: Comparison): Promise<Finding[]> => {
  const { head, base } = comparison;
  if (head.api === base.api) return [];
  const changes = await apiChanges(base.api, head.api);
  const use = knownUse(comparison);
  return changes.map(({ code, coordinate, message, what, hurts, severity, details = [] }) => {
    const { hidden, ...place } = placed(comparison, coordinate, what === "removed");
    const breaks = hurts !== undefined && CATALOGUE[code].severity === "error";
    const judged = breaks ? use.judge(hurts, place.subgraphs) : { details: hurts ? use.evidence(hurts) : [] };
    return finding(code, {
      ...(severity ? { severity } : {}),
      ...judged,
      coordinate,
      message,
      ...place,
      details: [...details, ...hidden, ...(judged.details ?? [])],
    });
  });
};

/** Of directives that a team has on its schema itself clients see nothing: should one come this far, it has no code. */
type Untold = Extract<SerializableChange["type"], `DIRECTIVE_USAGE_${string}`>;

/** A kind that the inspector comes to know and that has no code here does not compile. */
const TRANSLATION: Translation & Readonly<Record<Exclude<SerializableChange["type"], Untold>, unknown>> = {
  ...FIELD_CHANGES,
  ...INPUT_CHANGES,
  ...TYPE_CHANGES,
  ...DIRECTIVE_CHANGES,
};

/** The changes between two schemas, without the parts of what is new as a whole. */
export const apiChanges = async (before: GraphQLSchema, after: GraphQLSchema): Promise<ApiChange[]> => {
  const found = (await diff(before, after)) as SerializableChange[];
  const changes = found.flatMap((change) => translate(change, { before, after }) ?? []);
  const added = new Set(changes.flatMap(({ what, coordinate }) => (what === "added" ? [coordinate] : [])));
  const roots = new Set(changes.flatMap(({ code, coordinate }) => (ROOTS.has(code) ? [coordinate] : [])));
  return changes.filter(({ code, coordinate, what }) => {
    if (coordinate === null) return true;
    // A root type that comes or goes is told as such, and not as a type as well.
    if (roots.has(coordinate) && !ROOTS.has(code)) return false;
    if (added.has(coordinate) && what !== "added") return false;
    return !ancestorsOf(coordinate).some((ancestor) => added.has(ancestor));
  });
};

const ROOTS: ReadonlySet<FindingCode> = new Set(["API_ROOT_TYPE_ADDED", "API_ROOT_TYPE_REMOVED"]);

const translate = <Change extends SerializableChange>(change: Change, schemas: Schemas): ApiChange | null => {
  // Each translation takes the facts of its own kind, which a type that is one of many cannot tell.
  const tell = TRANSLATION[change.type] as ((meta: Change["meta"], schemas: Schemas) => ApiChange | null) | undefined;
  return tell ? tell(change.meta, schemas) : unknownChange(change, schemas);
};

const unknownChange = (change: SerializableChange, { before, after }: Schemas): ApiChange => {
  const { message, path } = change as { readonly message?: string; readonly path?: string };
  const type = path?.split(".")[0] ?? "";
  const isThere = after.getType(type) !== undefined || before.getType(type) !== undefined;
  return {
    code: "API_CHANGED",
    coordinate: isThere ? type : null,
    message: `${change.type}: ${message ?? ""}`,
    what: "changed",
  };
};
