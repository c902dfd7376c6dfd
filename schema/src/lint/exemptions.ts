import { ancestorsOf } from "../revisions/definitions.ts";

export interface Exemption {
  readonly code: string;
  /** A coordinate; `*` stands for any letters. */
  readonly pattern: string;
}

export interface Exemptions {
  /** Whether a pattern of the code matches the coordinate, or what it is inside of. */
  exempts(code: string, coordinate: string): boolean;
  /** Those that have exempted nothing so far. */
  unused(): readonly Exemption[];
}

export const readExemptions = (byCode: Readonly<Record<string, readonly string[]>>): Exemptions => {
  const all = Object.entries(byCode).flatMap(([code, patterns]) =>
    patterns.map((pattern) => ({ code, pattern, matches: matcherOf(pattern) })),
  );
  const used = new Set<Exemption>();
  return {
    exempts(code, coordinate) {
      const ofCode = all.filter((exemption) => exemption.code === code);
      if (ofCode.length === 0) return false;
      const around = [coordinate, ...ancestorsOf(coordinate)];
      const matching = ofCode.filter(({ matches }) => around.some(matches));
      for (const exemption of matching) used.add(exemption);
      return matching.length > 0;
    },
    unused: () => all.filter((exemption) => !used.has(exemption)),
  };
};

const matcherOf = (pattern: string): ((coordinate: string) => boolean) => {
  if (!pattern.includes("*")) return (coordinate) => coordinate === pattern;
  const expression = new RegExp(`^${pattern.replaceAll(/[.()]/g, "\\$&").replaceAll("*", "\\w*")}$`);
  return (coordinate) => expression.test(coordinate);
};
