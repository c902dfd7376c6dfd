import { Kind, type TypeDefinitionNode } from "graphql";
import { namedTypeOf } from "../revisions/definitions.ts";

/** The types that clients can come to from the roots by what is not `hidden`; coordinates are as in `Definitions`. */
export const readReachable = (
  types: readonly TypeDefinitionNode[],
  roots: readonly string[],
  hidden: ReadonlySet<string>,
): ReadonlySet<string> => {
  const byName = new Map(types.map((type) => [type.name.value, type]));
  const implementations = new Map<string, string[]>();
  for (const type of types)
    for (const { name } of "interfaces" in type ? (type.interfaces ?? []) : [])
      implementations.set(name.value, [...(implementations.get(name.value) ?? []), type.name.value]);

  const reached = new Set<string>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name) || hidden.has(name)) continue;
    reached.add(name);
    const type = byName.get(name);
    if (!type) continue;
    waiting.push(...(implementations.get(name) ?? []));
    if ("interfaces" in type) waiting.push(...(type.interfaces ?? []).map((one) => one.name.value));
    if (type.kind === Kind.UNION_TYPE_DEFINITION) waiting.push(...(type.types ?? []).map((one) => one.name.value));
    for (const field of "fields" in type ? (type.fields ?? []) : []) {
      const coordinate = `${name}.${field.name.value}`;
      if (hidden.has(coordinate)) continue;
      waiting.push(namedTypeOf(field.type).name.value);
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      for (const argument of field.arguments ?? [])
        if (!hidden.has(`${coordinate}(${argument.name.value}:)`)) waiting.push(namedTypeOf(argument.type).name.value);
    }
  }
  return reached;
};
