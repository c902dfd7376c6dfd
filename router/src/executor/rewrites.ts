import type { FetchDataRewrite } from "@apollo/query-planner";
import { getOwn, isJsonObject, type JsonObject, setOwn } from "./json.ts";
import type { IsOfType } from "./object-types.ts";

/** Changes what goes to a subgraph or what came from it, in place. */
export type Rewrite = (value: unknown) => void;

const FRAGMENT = "... on ";

/**
 * The planner renames fields that two types answer differently under one name, and names the type that a subgraph knows
 * an interface's object by.
 * @returns null where there is nothing to do.
 */
export const compileRewrites = (
  rewrites: readonly FetchDataRewrite[] | undefined,
  isOfType: IsOfType,
): Rewrite | null => {
  const compiled = (rewrites ?? []).map((rewrite) => compileRewrite(rewrite, isOfType));
  if (compiled.length === 0) return null;
  return (value) => {
    for (const rewrite of compiled) rewrite(value);
  };
};

const compileRewrite = (rewrite: FetchDataRewrite, isOfType: IsOfType): Rewrite => {
  const name = rewrite.path.at(-1);
  if (name === undefined || name.startsWith(FRAGMENT))
    throw new Error(`A rewrite of the plan ends at no field: ${rewrite.path.join(".")}.`);
  const change =
    rewrite.kind === "ValueSetter"
      ? (object: JsonObject) => setOwn(object, name, rewrite.setValueTo)
      : (object: JsonObject) => rename(object, name, rewrite.renameKeyTo);
  return rewrite.path
    .slice(0, -1)
    .reduceRight<Rewrite>((below, element) => descend(element, below, isOfType), onObjects(change));
};

const rename = (object: JsonObject, from: string, to: string): void => {
  const value = getOwn(object, from);
  if (value === undefined) return;
  setOwn(object, to, value);
  delete object[from];
};

const descend = (element: string, below: Rewrite, isOfType: IsOfType): Rewrite => {
  if (!element.startsWith(FRAGMENT)) return onObjects((object) => below(getOwn(object, element)));
  const typeName = element.slice(FRAGMENT.length);
  // Who does not tell its type is what the plan takes it for.
  return onObjects((object) => {
    if (isOfType(object, typeName) ?? true) below(object);
  });
};

const onObjects = (change: (object: JsonObject) => void): Rewrite => {
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isJsonObject(value)) change(value);
  };
  return visit;
};

/** By the names that a fetch answers under: those that the client knows. For paths of errors. */
export const renamed = (rewrites: readonly FetchDataRewrite[] | undefined): ReadonlyMap<string, string> =>
  new Map(
    (rewrites ?? []).flatMap((rewrite) =>
      rewrite.kind === "KeyRenamer" ? [[rewrite.path.at(-1) ?? "", rewrite.renameKeyTo] as const] : [],
    ),
  );
