import { CATALOGUE, type FindingCode, isFindingCode } from "../findings/catalogue.ts";
import { type Finding, finding, type Location, type Side } from "../findings/finding.ts";
import { ancestorsOf, type Definitions } from "../revisions/definitions.ts";
import type { Place, Problem } from "./compose.ts";
import { distinct } from "./locations.ts";
import { culpritIn, toldIn } from "./prose.ts";
import { remedyOf } from "./remedies.ts";
import { unreachableFindings } from "./unreachable.ts";

/** What composition refuses, located. What cannot be satisfied for one and the same reason is one finding. */
export const composeErrorFindings = (errors: readonly Problem[], definitions: Definitions): Finding[] => {
  const subgraphs = subgraphsOf(definitions);
  const unsatisfiable = errors.flatMap((error) => error.unsatisfiable ?? []);
  return [
    ...errors
      .filter((error) => error.unsatisfiable === null)
      // Composition never blocks for a hint, and always for an error, whatever the table says of a code.
      .map((error) => ({
        ...problemFinding(codeOf(error), error, definitions, subgraphs),
        severity: "error" as const,
      })),
    ...unreachableFindings(unsatisfiable, definitions),
  ];
};

export const composeHintFindings = (hints: readonly Problem[], definitions: Definitions): Finding[] => {
  const subgraphs = subgraphsOf(definitions);
  return hints.map((hint) => problemFinding(hintCodeOf(hint), hint, definitions, subgraphs));
};

const codeOf = ({ code }: Problem): FindingCode => (isFindingCode(code) ? code : "COMPOSITION_ERROR");

/** One code is both an error's and a hint's; what composes is no composition error. */
const hintCodeOf = ({ code }: Problem): FindingCode => {
  if (code === "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS") return "CONTEXTUAL_ARGUMENT_NOT_IN_SUPERGRAPH";
  return isFindingCode(code) && CATALOGUE[code].stage === "hints" ? code : "COMPOSITION_HINT";
};

const problemFinding = (
  code: FindingCode,
  problem: Problem,
  definitions: Definitions,
  files: ReadonlyMap<string, string>,
): Finding => {
  const told = toldIn(problem.message, definitions, files);
  const coordinate = coordinateOf(problem, told.coordinate, definitions);
  const named = [...new Set([...problem.subgraphs, ...told.subgraphs])];
  const subgraphs = named.length > 0 ? named : coordinate === null ? [] : definitions.locate(coordinate).subgraphs;
  const unknown = (code === "COMPOSITION_ERROR" || code === "COMPOSITION_HINT") && problem.code !== code;
  const remedy = remedyOf(code, told.headline, coordinate, subgraphs, definitions);
  return finding(code, {
    message: unknown ? `${problem.code}: ${told.headline}` : told.headline,
    coordinate,
    subgraphs,
    locations: locationsOf(problem, coordinate, subgraphs, definitions, files),
    details: told.details,
    ...(remedy === undefined ? {} : { remedy }),
  });
};

/** Composition's place tells it, or its words where they are more exact. */
const coordinateOf = (
  { code, message, places }: Problem,
  named: string | null,
  definitions: Definitions,
): string | null => {
  const [first] = places;
  const placed = first ? definitions.at(first.path, first.offset) : null;
  if (placed === null || named === null) return placed ?? named;
  // Of a type with nothing left it points at what was in it.
  const isAboutTheNamed = code === "ONLY_INACCESSIBLE_CHILDREN" || culpritIn(message) === named;
  return isAboutTheNamed || ancestorsOf(named).includes(placed) ? named : placed;
};

/**
 * Composition's places, those of the very coordinate first. For a subgraph that it names without a place, where the coordinate is, or
 * would be: its type, or in the end its file.
 */
const locationsOf = (
  { places }: Problem,
  coordinate: string | null,
  subgraphs: readonly string[],
  definitions: Definitions,
  files: ReadonlyMap<string, string>,
): Location[] => {
  const told = places.map((place) => ({ ...place, of: definitions.at(place.path, place.offset) }));
  const exact = told.filter((place) => place.of === coordinate);
  // It points at a type, and means something in it: an enum's value, an interface's field.
  const meant =
    exact.length > 0 || coordinate === null
      ? []
      : definitions.of(coordinate).filter(({ subgraph }) => subgraphs.includes(subgraph));
  const within = new Set(meant.map(({ path }) => path));
  const around = new Set(coordinate === null ? [] : ancestorsOf(coordinate));
  const rest = told.filter(
    (place) => place.of !== coordinate && !(within.has(place.path) && place.of !== null && around.has(place.of)),
  );
  const missing = subgraphs.filter((subgraph) => !places.some(({ path }) => path === files.get(subgraph)));
  return distinct([
    ...exact.map((place) => locationOf(place, "head")),
    ...meant.map((definition) => definitions.locationOf(definition)),
    ...missing.flatMap((subgraph) => placesIn(subgraph, coordinate, definitions, files)),
    ...rest.map((place) => locationOf(place, "head")),
  ]);
};

const placesIn = (
  subgraph: string,
  coordinate: string | null,
  definitions: Definitions,
  files: ReadonlyMap<string, string>,
): Location[] => {
  for (const candidate of coordinate === null ? [] : [coordinate, ...ancestorsOf(coordinate)]) {
    const own = definitions.of(candidate).filter((definition) => definition.subgraph === subgraph);
    if (own.length > 0) return own.map((definition) => definitions.locationOf(definition));
  }
  const path = files.get(subgraph);
  return path === undefined ? [] : [locationOf({ path, line: 1, column: 1 }, "head")];
};

const locationOf = ({ path, line, column }: Omit<Place, "offset">, side: Side): Location => ({
  path,
  line,
  column,
  side,
});

/** The files of the subgraphs that define anything, by their names. */
const subgraphsOf = (definitions: Definitions): ReadonlyMap<string, string> =>
  new Map([...definitions.all()].flatMap(([, all]) => all.map(({ subgraph, path }) => [subgraph, path] as const)));
