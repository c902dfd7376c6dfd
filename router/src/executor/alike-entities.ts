import type { JsonObject, Read } from "./json.ts";
import type { WriteRepresentation, WrittenRepresentation } from "./representations.ts";

/** A representation, and all entities that it stands for. */
export interface Asked extends WrittenRepresentation {
  /** The same for what is the same to the subgraph, and becomes part of the same type. */
  readonly key: string;
  readonly entities: JsonObject[];
}

/** What is the same for a subgraph is asked once, wherever it stands. */
export const representAll = (objects: readonly JsonObject[], represent: WriteRepresentation): Asked[] => {
  const asked = new Map<string, Asked>();
  const known = represent.distinctions ? new AlikeEntities(represent.distinctions) : null;
  for (const entity of objects) {
    const alike = known?.find(entity);
    if (alike) alike.entities.push(entity);
    if (alike !== undefined) continue;
    const representation = represented(entity, represent, asked);
    known?.note(representation);
  }
  return [...asked.values()];
};

/** Null for an entity that cannot be asked for. */
const represented = (entity: JsonObject, represent: WriteRepresentation, asked: Map<string, Asked>): Asked | null => {
  const representation = represent(entity);
  if (!representation) return null;
  const { typeName, text } = representation;
  // A subgraph that knows an interface alone is told the same of two types: what it answers becomes part of either.
  const key = entity.__typename === typeName ? text : `${entity.__typename} ${text}`;
  const known = asked.get(key);
  if (known) {
    known.entities.push(entity);
    return known;
  }
  const first: Asked = { typeName, text, key, entities: [entity] };
  asked.set(key, first);
  return first;
};

type Branch = Map<unknown, Branch | Asked | null>;

/** Finds entities whose representations are the same without writing them: most of a list of entities are, in many graphs. */
class AlikeEntities {
  readonly #distinctions: readonly Read[];
  readonly #root: Branch = new Map();
  /** Where the entity that was looked for last would stand; null where it cannot be said. */
  #branch: Branch | null = null;
  #value: unknown;

  constructor(distinctions: readonly Read[]) {
    this.#distinctions = distinctions;
  }

  /** Undefined where no entity like this one was noted. */
  find(entity: JsonObject): Asked | null | undefined {
    let branch = this.#root;
    this.#branch = null;
    const last = this.#distinctions.length - 1;
    for (let index = 0; index <= last; index += 1) {
      const value = this.#distinctions[index]?.(entity);
      if (typeof value === "object" && value !== null) return undefined;
      if (index === last) {
        this.#branch = branch;
        this.#value = value;
        return branch.get(value) as Asked | null | undefined;
      }
      let next = branch.get(value) as Branch | undefined;
      if (!next) {
        next = new Map();
        branch.set(value, next);
      }
      branch = next;
    }
    return undefined;
  }

  /** Of the entity that was looked for last. */
  note(asked: Asked | null): void {
    this.#branch?.set(this.#value, asked);
  }
}
