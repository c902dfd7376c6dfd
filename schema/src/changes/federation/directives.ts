import type { Comparison } from "../../check/comparison.ts";
import type { FederationFindingCode } from "../../findings/catalogue/federation.ts";
import { type Finding, finding } from "../../findings/finding.ts";
import type { AppliedDirective, Element } from "../applied-directives.ts";
import type { ChangedSubgraph, SubgraphChanges } from "../subgraph-changes.ts";
import { visibleNow } from "../visibility.ts";

/** Directives that came to, went from or changed on what a subgraph had before and still has. */
export const directiveChanges = (
  comparison: Comparison,
  { changed }: SubgraphChanges,
  moved: ReadonlySet<string>,
): Finding[] =>
  changed.flatMap((pair) => [
    ...bearing(pair).flatMap(([former, element]) => elementChanges(comparison, pair, former, element, moved)),
    ...shareableChanges(pair),
    ...composedChanges(pair),
  ]);

/** What was there and still is, and bears a directive or did. */
const bearing = ({ before, after }: ChangedSubgraph): readonly (readonly [former: Element, element: Element])[] => {
  const pairs: (readonly [Element, Element])[] = [];
  for (const element of after.elements.values()) {
    const former = before.elements.get(element.coordinate);
    if (former && former.directives.length + element.directives.length > 0) pairs.push([former, element]);
  }
  return pairs;
};

const elementChanges = (
  comparison: Comparison,
  { name }: ChangedSubgraph,
  former: Element,
  element: Element,
  moved: ReadonlySet<string>,
): Finding[] => {
  const { coordinate } = element;
  const about = { coordinate, subgraphs: [name] };
  const own = ({ directives }: Element, directive: string): AppliedDirective | undefined =>
    directives.find((one) => one.name === directive && !one.isOfType);
  const toggled = (directive: string, added: FederationFindingCode, removed: FederationFindingCode): Finding[] => {
    const [was, is] = [own(former, directive), own(element, directive)];
    if (!was && is)
      return [
        finding(added, { ...about, message: `${coordinate} is @${directive} in ${name}.`, locations: [is.place] }),
      ];
    if (was && !is)
      return [
        finding(removed, {
          ...about,
          message: `${coordinate} is no longer @${directive} in ${name}.`,
          locations: [was.place, element.place],
        }),
      ];
    return [];
  };
  return [
    ...fieldSetChanges(about, former, element, "requires"),
    ...fieldSetChanges(about, former, element, "provides"),
    ...(moved.has(coordinate) ? [] : toggled("external", "FEDERATION_EXTERNAL_ADDED", "FEDERATION_EXTERNAL_REMOVED")),
    // What becomes visible by it is told as a matter of security.
    ...toggled("inaccessible", "FEDERATION_INACCESSIBLE_ADDED", "FEDERATION_INACCESSIBLE_REMOVED").filter(
      ({ code }) => code === "FEDERATION_INACCESSIBLE_ADDED" || !visibleNow(comparison, coordinate),
    ),
    ...toggled("interfaceObject", "FEDERATION_INTERFACE_OBJECT_ADDED", "FEDERATION_INTERFACE_OBJECT_REMOVED"),
    ...toggled("extends", "FEDERATION_EXTENDS_ADDED", "FEDERATION_EXTENDS_REMOVED"),
    ...tagChanges(comparison, about, former, element),
  ];
};

interface About {
  readonly coordinate: string;
  readonly subgraphs: readonly string[];
}

const fieldSetChanges = (
  about: About,
  former: Element,
  element: Element,
  directive: "requires" | "provides",
): Finding[] => {
  const [was, is] = [former, element].map(({ directives }) => directives.find(({ name }) => name === directive));
  const [from, to] = [was, is].map((one) => one?.arguments.get("fields") ?? null);
  const codes = FIELD_SETS[directive];
  const what = `${about.coordinate} in ${about.subgraphs.join()}`;
  if (!was && is)
    return [finding(codes.added, { ...about, message: `${what} ${directive} "${to}".`, locations: [is.place] })];
  if (was && !is)
    return [
      finding(codes.removed, {
        ...about,
        message: `${what} no longer ${directive} "${from}".`,
        locations: [was.place, element.place],
      }),
    ];
  if (!was || !is || from === to) return [];
  return [
    finding(codes.changed, {
      ...about,
      message: `${what} ${directive} "${to}", and did "${from}".`,
      locations: [is.place, was.place],
    }),
  ];
};

const FIELD_SETS = {
  requires: {
    added: "FEDERATION_REQUIRES_ADDED",
    removed: "FEDERATION_REQUIRES_REMOVED",
    changed: "FEDERATION_REQUIRES_CHANGED",
  },
  provides: {
    added: "FEDERATION_PROVIDES_ADDED",
    removed: "FEDERATION_PROVIDES_REMOVED",
    changed: "FEDERATION_PROVIDES_CHANGED",
  },
} as const;

/** A tag that some contract is made by is worth a look; the contract's own changes tell what comes of it. */
const tagChanges = ({ config }: Comparison, about: About, former: Element, element: Element): Finding[] => {
  const [was, is] = [tagsOf(former), tagsOf(element)];
  const contractsBy = (tag: string): string[] =>
    Object.entries(config.contracts).flatMap(([contract, { include, exclude }]) =>
      include.includes(tag) || exclude.includes(tag) ? [contract] : [],
    );
  const facts = (tag: string) => {
    const contracts = contractsBy(tag);
    if (contracts.length === 0) return {};
    return { severity: "warning" as const, details: [`Contracts that are made by this tag: ${contracts.join(", ")}.`] };
  };
  return [
    ...[...is].flatMap(([tag, place]) =>
      was.has(tag)
        ? []
        : [
            finding("FEDERATION_TAG_ADDED", {
              ...about,
              ...facts(tag),
              message: `${about.coordinate} has the tag "${tag}".`,
              locations: [place],
            }),
          ],
    ),
    ...[...was].flatMap(([tag, place]) =>
      is.has(tag)
        ? []
        : [
            finding("FEDERATION_TAG_REMOVED", {
              ...about,
              ...facts(tag),
              message: `${about.coordinate} no longer has the tag "${tag}".`,
              locations: [place, element.place],
            }),
          ],
    ),
  ];
};

const tagsOf = ({ directives }: Element): ReadonlyMap<string, AppliedDirective["place"]> =>
  new Map(
    directives.flatMap(({ name, arguments: given, place }) =>
      name === "tag" ? [[given.get("name") ?? "", place]] : [],
    ),
  );

/**
 * By what holds for fields, whether their type says it or they do: moving it from the one to the other is no change. Of a type that
 * says it for all, one finding. In federation 1 everything is shareable: who came from there did not change it.
 */
const shareableChanges = (pair: ChangedSubgraph): Finding[] => {
  const { name, before, after } = pair;
  if (!before.linked.federation || !after.linked.federation) return [];
  const told = new Set<string>();
  return bearing(pair).flatMap(([former, element]): Finding[] => {
    if (element.kind !== "field") return [];
    const [was, is] = [former, element].map(({ directives }) => directives.find((one) => one.name === "shareable"));
    if (Boolean(was) === Boolean(is)) return [];
    const coordinate = (is ?? was)?.isOfType && element.parent ? element.parent : element.coordinate;
    if (told.has(coordinate)) return [];
    told.add(coordinate);
    const about = { coordinate, subgraphs: [name] };
    if (is)
      return [
        finding("FEDERATION_SHAREABLE_ADDED", {
          ...about,
          message: `${coordinate} is @shareable in ${name}.`,
          locations: [is.place],
        }),
      ];
    const place = after.elements.get(coordinate)?.place ?? element.place;
    return [
      finding("FEDERATION_SHAREABLE_REMOVED", {
        ...about,
        message: `${coordinate} is no longer @shareable in ${name}.`,
        locations: [...(was ? [was.place] : []), place],
      }),
    ];
  });
};

const composedChanges = ({ name, before, after }: ChangedSubgraph): Finding[] => {
  const namesOf = (composed: readonly AppliedDirective[]) =>
    new Map(composed.map((one) => [one.arguments.get("name") ?? "", one.place]));
  const [was, is] = [namesOf(before.composed), namesOf(after.composed)];
  return [
    ...[...is].flatMap(([coordinate, place]) =>
      was.has(coordinate)
        ? []
        : [
            finding("FEDERATION_COMPOSE_DIRECTIVE_ADDED", {
              coordinate,
              subgraphs: [name],
              message: `${name} has ${coordinate} composed into the supergraph.`,
              locations: [place],
            }),
          ],
    ),
    ...[...was].flatMap(([coordinate, place]) =>
      is.has(coordinate)
        ? []
        : [
            finding("FEDERATION_COMPOSE_DIRECTIVE_REMOVED", {
              coordinate,
              subgraphs: [name],
              message: `${name} no longer has ${coordinate} composed into the supergraph.`,
              locations: [place],
            }),
          ],
    ),
  ];
};
