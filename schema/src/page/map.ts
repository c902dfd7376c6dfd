import { print, visit } from "graphql";
import { leavesOf, type OwnedType, type Ownership, type TypePart, type TypeShape } from "../composition/ownership.ts";
import type { Finding } from "../findings/finding.ts";
import type { Definitions } from "../revisions/definitions.ts";

export type Status = "same" | "added" | "removed" | "changed";

/** The supergraph as it is drawn: both states at once, so that what is gone can be seen. */
export interface GraphMap {
  readonly subgraphs: readonly MapSubgraph[];
  /** From where an entity is at home to where it is extended. */
  readonly links: readonly MapLink[];
}

export interface MapSubgraph {
  /** Of an element: letters, digits and `-`. */
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly status: Status;
  /** In the order in which they are drawn. */
  readonly cards: readonly MapCard[];
  /** Entities of which it has no more than a key. */
  readonly refersTo: readonly string[];
  /** Of everything that it has: also of what has no card. */
  readonly types: readonly MapType[];
}

export interface MapCard {
  readonly id: string;
  readonly type: string;
  /** `home`: an entity, where most of it is. `extension`: what another subgraph adds to it. `value`: no entity, but changed. */
  readonly role: "root" | "home" | "extension" | "value";
  readonly status: Status;
  readonly keys: readonly string[];
  /** Without those of the key. */
  readonly fields: readonly MapField[];
}

export interface MapType {
  readonly id: string;
  readonly name: string;
  readonly shape: TypeShape;
  readonly isEntity: boolean;
  readonly isRoot: boolean;
  readonly status: Status;
  readonly keys: readonly string[];
  readonly fields: readonly MapField[];
}

export interface MapField {
  readonly name: string;
  readonly type: string;
  readonly status: Status;
}

export interface MapLink {
  readonly from: string;
  readonly to: string;
  readonly status: Status;
}

export interface MapSide {
  readonly ownership: Ownership;
  readonly definitions: Definitions;
}

export const mapOf = (base: MapSide, head: MapSide, changes: readonly Finding[]): GraphMap => {
  const touched = touchedBy(changes);
  const names = [...new Set([...head.ownership.subgraphs, ...base.ownership.subgraphs].map(({ name }) => name))];
  const types = [...new Set([...head.ownership.types.keys(), ...base.ownership.types.keys()])].sort();
  const subgraphs = names.map((name, index): MapSubgraph => {
    const id = `s${index}`;
    const its = types.flatMap((type, at) => {
      const [before, after] = [partOf(base, type, name), partOf(head, type, name)];
      return before || after ? [mapType(type, `${id}-t${at}`, name, { before, after, base, head, touched })] : [];
    });
    const [before, after] = [base, head].map(({ ownership }) => ownership.subgraphs.find((one) => one.name === name));
    const cards = its.flatMap((type) => cardOf(type, id, name, { base, head }));
    const drawn = new Set(cards.map(({ type }) => type));
    const isChanged = before?.url !== after?.url || its.some(({ status }) => status !== "same");
    return {
      id,
      name,
      url: (after ?? before)?.url ?? "",
      status: before === undefined ? "added" : after === undefined ? "removed" : isChanged ? "changed" : "same",
      cards: cards.sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role)),
      refersTo: its.filter(({ isEntity, name: type }) => isEntity && !drawn.has(type)).map(({ name: type }) => type),
      types: its,
    };
  });
  return { subgraphs, links: linksOf(subgraphs) };
};

const ROLES: readonly MapCard["role"][] = ["root", "home", "extension", "value"];

interface Sides {
  readonly base: MapSide;
  readonly head: MapSide;
}

interface Parts extends Sides {
  readonly before: TypePart | undefined;
  readonly after: TypePart | undefined;
  readonly touched: ReadonlySet<string>;
}

const partOf = ({ ownership }: MapSide, type: string, subgraph: string): TypePart | undefined =>
  ownership.types.get(type)?.parts.find((part) => part.subgraph === subgraph);

/** A type's coordinates that findings are about, of each subgraph: `orders Order.number`. */
const touchedBy = (changes: readonly Finding[]): ReadonlySet<string> =>
  new Set(
    changes.flatMap(({ coordinate, subgraphs }) => {
      const field = coordinate?.replace(/\(.*$/, "");
      return field === undefined ? [] : subgraphs.map((subgraph) => `${subgraph} ${field}`);
    }),
  );

const mapType = (name: string, id: string, subgraph: string, parts: Parts): MapType => {
  const { before, after, base, head, touched } = parts;
  const type = (head.ownership.types.get(name) ?? base.ownership.types.get(name)) as OwnedType;
  const fields = fieldsOf(name, subgraph, parts);
  const isChanged =
    touched.has(`${subgraph} ${name}`) ||
    fields.some(({ status }) => status !== "same") ||
    textOf(base, name, subgraph) !== textOf(head, name, subgraph);
  return {
    id,
    name,
    shape: type.shape,
    isEntity: type.isEntity,
    isRoot: type.isRoot,
    status: !before ? "added" : !after ? "removed" : isChanged ? "changed" : "same",
    keys: [...new Set((after ?? before)?.keys.map((key) => key.fields) ?? [])],
    fields,
  };
};

const fieldsOf = (type: string, subgraph: string, { before, after, base, head, touched }: Parts): MapField[] => {
  const names = new Set([...(after?.fields ?? []), ...(before?.fields ?? [])].map(({ name }) => name));
  return [...names].map((name) => {
    const [old, fresh] = [before, after].map((part) => part?.fields.find((field) => field.name === name));
    const coordinate = `${type}.${name}`;
    const isChanged =
      old?.type !== fresh?.type ||
      touched.has(`${subgraph} ${coordinate}`) ||
      textOf(base, coordinate, subgraph) !== textOf(head, coordinate, subgraph);
    // Of a type that is new or gone as a whole, so is every field.
    const status = !old ? "added" : !fresh ? "removed" : isChanged ? "changed" : "same";
    return { name, type: (fresh ?? old)?.type ?? "", status };
  });
};

/** What a subgraph says of a coordinate, without descriptions: they are no change of what is drawn. */
const textOf = ({ definitions }: MapSide, coordinate: string, subgraph: string): string =>
  definitions
    .of(coordinate)
    .filter((definition) => definition.subgraph === subgraph)
    .map(({ node }) => print(visit(node, { enter: withoutDescription })))
    .join("\n");

const withoutDescription = (node: object): object | undefined =>
  "description" in node && node.description !== undefined ? { ...node, description: undefined } : undefined;

const cardOf = (type: MapType, id: string, subgraph: string, { base, head }: Sides): MapCard[] => {
  const inKeys = new Set(type.keys.flatMap((key) => leavesOf(key).map((leaf) => leaf.split(".")[0] ?? "")));
  const fields = type.fields.filter(({ name }) => !inKeys.has(name));
  const home = (head.ownership.types.get(type.name) ?? base.ownership.types.get(type.name))?.home;
  const role = roleOf(type, fields, home === subgraph);
  const { name, status, keys } = type;
  return role === null ? [] : [{ id: `${id}-c-${type.id}`, type: name, role, status, keys, fields }];
};

const roleOf = (type: MapType, fields: readonly MapField[], isHome: boolean): MapCard["role"] | null => {
  if (type.isRoot) return type.fields.length > 0 ? "root" : null;
  if (type.isEntity) return isHome ? "home" : fields.length > 0 ? "extension" : null;
  return type.status === "same" ? null : "value";
};

const linksOf = (subgraphs: readonly MapSubgraph[]): MapLink[] => {
  const cards = subgraphs.flatMap((subgraph) => subgraph.cards);
  const homes = new Map(cards.filter(({ role }) => role === "home").map((card) => [card.type, card]));
  return cards.flatMap(({ role, type, id, status }) => {
    const home = homes.get(type);
    if (role !== "extension" || !home) return [];
    return [{ from: home.id, to: id, status: status === "added" || status === "removed" ? status : "same" }];
  });
};
