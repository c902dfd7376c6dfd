import type { Location } from "../findings/finding.ts";

/** In their order, each once. */
export const distinct = (locations: readonly Location[]): Location[] => [
  ...new Map(locations.map((location) => [JSON.stringify(location), location])).values(),
];
