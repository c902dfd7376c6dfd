import { combineRequirements, type Requirement, requirementOf } from "@supergraph/service/authorization";
import { type ConstDirectiveNode, type DefinitionNode, type DocumentNode, Kind, valueFromASTUntyped } from "graphql";
import { z } from "zod";

/** What a viewer must be to see a coordinate of the graph: `Query.orders` or, for a whole type, `Payment`. */
export type Requirements = ReadonlyMap<string, Requirement>;

/** Reads `@authenticated` and `@requiresScopes` of a supergraph, by whatever name its `@link` gives them. */
export const readRequirements = (supergraph: DocumentNode): Requirements => {
  const names = linkedNames(supergraph);
  const canonical = (directives: readonly ConstDirectiveNode[] = []): ConstDirectiveNode[] =>
    directives.flatMap((directive) => {
      const value = names.get(directive.name.value);
      return value === undefined ? [] : [{ ...directive, name: { kind: Kind.NAME, value } }];
    });

  const requirements = new Map<string, Requirement>();
  const add = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void => {
    const requirement = combineRequirements(requirements.get(coordinate), requirementOf(canonical(directives)));
    if (requirement) requirements.set(coordinate, requirement);
  };
  for (const definition of supergraph.definitions) {
    if (!isOutputType(definition)) continue;
    add(definition.name.value, definition.directives);
    if (!("fields" in definition)) continue;
    for (const field of definition.fields ?? []) add(`${definition.name.value}.${field.name.value}`, field.directives);
  }
  return requirements;
};

const SPECIFICATION = /^https:\/\/specs\.apollo\.dev\/(authenticated|requiresScopes)\/v\d/;

/** The directives' names in this supergraph, each with the name that its specification gives it. */
const linkedNames = (supergraph: DocumentNode): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const link of definition.directives ?? []) {
      const argument = (name: string): unknown => {
        const node = link.arguments?.find((candidate) => candidate.name.value === name);
        return node && valueFromASTUntyped(node.value);
      };
      const specified = SPECIFICATION.exec(String(argument("url")))?.[1];
      if (!specified) continue;
      // The directive that has the name of its specification goes by the link's `as`, or by that of its own import.
      const renamed = importedName(argument("import"), `@${specified}`);
      names.set(renamed ?? String(argument("as") ?? specified), specified);
    }
  }
  return names;
};

const importedName = (imports: unknown, name: string): string | undefined => {
  const parsed = Imports.safeParse(imports);
  if (!parsed.success) return undefined;
  const found = parsed.data.find((item) => (typeof item === "string" ? item : item.name) === name);
  return (typeof found === "string" ? found : (found?.as ?? found?.name))?.slice(1);
};

const Imports = z.array(z.union([z.string(), z.object({ name: z.string(), as: z.string().optional() })]));

const isOutputType = (definition: DefinitionNode) =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
  definition.kind === Kind.OBJECT_TYPE_EXTENSION ||
  definition.kind === Kind.INTERFACE_TYPE_DEFINITION ||
  definition.kind === Kind.INTERFACE_TYPE_EXTENSION ||
  definition.kind === Kind.UNION_TYPE_DEFINITION ||
  definition.kind === Kind.SCALAR_TYPE_DEFINITION ||
  definition.kind === Kind.ENUM_TYPE_DEFINITION;
