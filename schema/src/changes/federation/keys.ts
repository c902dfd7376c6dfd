import type { Comparison } from "../../check/comparison.ts";
import { type Finding, finding, type Location } from "../../findings/finding.ts";
import type { AppliedDirective, Element, SubgraphDirectives } from "../applied-directives.ts";
import type { ChangedSubgraph, SubgraphChanges } from "../subgraph-changes.ts";

/** Keys that came, went or changed, and types that became or ceased to be entities. */
export const keyChanges = (comparison: Comparison, changes: SubgraphChanges): Finding[] => [
  ...changes.changed.flatMap((pair) => keysOfSubgraph(comparison, changes, pair)),
  ...entitiesLost(comparison, changes),
];

interface Key {
  readonly fields: string;
  readonly isResolvable: boolean;
  readonly place: Location;
}

interface About {
  readonly coordinate: string;
  readonly subgraphs: readonly [string];
}

const keysOf = (element: Element | undefined): ReadonlyMap<string, Key> => {
  const keys = new Map<string, Key>();
  for (const { name, arguments: given, place } of element?.directives ?? []) {
    const fields = given.get("fields");
    if (name === "key" && fields !== undefined)
      keys.set(fields, { fields, isResolvable: given.get("resolvable") !== "false", place });
  }
  return keys;
};

const keyedTypes = ({ elements }: SubgraphDirectives): readonly string[] => {
  const types: string[] = [];
  for (const { coordinate, directives } of elements.values())
    if (directives.some(({ name }) => name === "key")) types.push(coordinate);
  return types;
};

const keysOfSubgraph = (
  { base, head }: Comparison,
  changes: SubgraphChanges,
  { name, before, after }: ChangedSubgraph,
): Finding[] => {
  const types = new Set([...keyedTypes(before), ...keyedTypes(after)]);
  return [...types].flatMap((type): Finding[] => {
    const [was, is] = [keysOf(before.elements.get(type)), keysOf(after.elements.get(type))];
    const about: About = { coordinate: type, subgraphs: [name] };
    const here = after.elements.get(type)?.place;
    if (was.size === 0) {
      // What is new to the whole graph the API diff tells.
      if (base.definitions.of(type).length === 0) return [];
      return [
        finding("FEDERATION_ENTITY_ADDED", {
          ...about,
          message: `${name} can be asked for ${type} by ${listed(is)}.`,
          locations: placesOf(is),
        }),
      ];
    }
    if (is.size === 0) {
      if (head.definitions.of(type).length === 0 || !isEntity(changes, type)) return [];
      return [
        finding("FEDERATION_ENTITY_LOST_IN_SUBGRAPH", {
          ...about,
          message: `${name} can no longer be asked for ${type}; it could by ${listed(was)}.`,
          locations: [...placesOf(was), ...(here ? [here] : [])],
        }),
      ];
    }
    return [...keySetChanges(was, is, about, here), ...resolvableChanges(was, is, about)];
  });
};

const keySetChanges = (
  was: ReadonlyMap<string, Key>,
  is: ReadonlyMap<string, Key>,
  about: About,
  here: Location | undefined,
): Finding[] => {
  const [name] = about.subgraphs;
  const lost = [...was.values()].filter(({ fields }) => !is.has(fields));
  const won = [...is.values()].filter(({ fields }) => !was.has(fields));
  const [former, formerToo] = lost;
  const [next, nextToo] = won;
  if (former && next && !formerToo && !nextToo)
    return [
      finding("FEDERATION_KEY_CHANGED", {
        ...about,
        message: `${name} is asked for ${about.coordinate} by ${quoted(next)}, and was by ${quoted(former)}.`,
        locations: [next.place, former.place],
      }),
    ];
  return [
    ...lost.map((key) =>
      finding("FEDERATION_KEY_REMOVED", {
        ...about,
        message: `${name} can no longer be asked for ${about.coordinate} by ${quoted(key)}.`,
        locations: [key.place, ...(here ? [here] : [])],
      }),
    ),
    ...won.map((key) =>
      finding("FEDERATION_KEY_ADDED", {
        ...about,
        message: `${name} can be asked for ${about.coordinate} by ${quoted(key)} too.`,
        locations: [key.place],
      }),
    ),
  ];
};

const resolvableChanges = (was: ReadonlyMap<string, Key>, is: ReadonlyMap<string, Key>, about: About): Finding[] =>
  [...is.values()].flatMap((key) => {
    const former = was.get(key.fields);
    if (!former || former.isResolvable === key.isResolvable) return [];
    const [name] = about.subgraphs;
    return [
      key.isResolvable
        ? finding("FEDERATION_KEY_BECAME_RESOLVABLE", {
            ...about,
            message: `${name} resolves ${about.coordinate} by ${quoted(key)}, which it only named before.`,
            locations: [key.place],
          })
        : finding("FEDERATION_KEY_NO_LONGER_RESOLVABLE", {
            ...about,
            message: `${name} no longer resolves ${about.coordinate} by ${quoted(key)}; it only names it.`,
            locations: [key.place, former.place],
          }),
    ];
  });

/** Types that some subgraph had a key for and none has, though they are still there. */
const entitiesLost = ({ head }: Comparison, changes: SubgraphChanges): Finding[] => {
  const former = new Map<string, { readonly subgraph: string; readonly keys: ReadonlyMap<string, Key> }[]>();
  const collect = (subgraph: SubgraphDirectives): void => {
    for (const type of keyedTypes(subgraph))
      former.set(type, [
        ...(former.get(type) ?? []),
        { subgraph: subgraph.name, keys: keysOf(subgraph.elements.get(type)) },
      ]);
  };
  for (const { before } of changes.changed) collect(before);
  for (const subgraph of changes.removed) collect(subgraph);
  return [...former].flatMap(([type, had]) => {
    if (head.definitions.of(type).length === 0 || isEntity(changes, type)) return [];
    const rest = head.definitions.locate(type);
    return [
      finding("FEDERATION_ENTITY_LOST", {
        coordinate: type,
        message: `${type} is no longer an entity: no subgraph has a key for it.`,
        subgraphs: [...had.map(({ subgraph }) => subgraph), ...rest.subgraphs],
        locations: [...had.flatMap(({ keys }) => placesOf(keys)), ...rest.locations],
      }),
    ];
  });
};

const isEntity = (changes: SubgraphChanges, type: string): boolean =>
  changes.having("head", type).some(({ elements }) => keysOf(elements.get(type)).size > 0);

const quoted = ({ fields }: Key): string => `"${fields}"`;

const listed = (keys: ReadonlyMap<string, Key>): string => [...keys.values()].map(quoted).join(" or ");

const placesOf = (keys: ReadonlyMap<string, Key>): AppliedDirective["place"][] =>
  [...keys.values()].map(({ place }) => place);
