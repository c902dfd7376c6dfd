import type { FetchNode } from "@apollo/query-planner";
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, OperationTypeNode, parse } from "graphql";
import { failureError, namesFetched } from "../subgraph-failures.ts";
import type { SubgraphAnswer, SubgraphFetch } from "../subgraphs/call.ts";
import { getOwn, isJsonObject, type JsonObject } from "./json.ts";
import { mergeInto } from "./merge.ts";
import type { IsOfType } from "./object-types.ts";
import { compileRequires, type Represent } from "./representations.ts";
import { compileRewrites, type Rewrite, renamed } from "./rewrites.ts";
import { type ClientPath, commonPlace, objectsAt, type PlanPath, placesAt } from "./targets.ts";

/** What goes to a subgraph, and to which. */
export interface SubgraphRequest extends SubgraphFetch {
  readonly subgraph: string;
}

/** One fetch of a plan. */
export interface Fetch {
  readonly subgraph: string;
  readonly isMutation: boolean;
  readonly path: PlanPath;
  /** The request's JSON up to its variables. */
  readonly head: string;
  readonly variables: readonly string[];
  /** Null for a fetch that starts at a root. */
  readonly represent: Represent | null;
  readonly rewriteRepresentation: Rewrite | null;
  readonly rewriteAnswer: Rewrite | null;
  /** Response names that differ from those that the client knows. */
  readonly clientNames: ReadonlyMap<string, string>;
  /** What is asked for. Needed only to tell what is missing. */
  readonly document: () => DocumentNode;
}

export const compileFetch = (node: FetchNode, path: PlanPath, isOfType: IsOfType): Fetch => {
  let document = node.operationDocumentNode;
  return {
    subgraph: node.serviceName,
    isMutation: node.operationKind === OperationTypeNode.MUTATION,
    path,
    head: `{"query":${JSON.stringify(node.operation)}${node.operationName ? `,"operationName":${JSON.stringify(node.operationName)}` : ""},"variables":{`,
    variables: node.variableUsages ?? [],
    represent: node.requires ? compileRequires(node.requires, isOfType) : null,
    rewriteRepresentation: compileRewrites(node.inputRewrites, isOfType),
    rewriteAnswer: compileRewrites(node.outputRewrites, isOfType),
    clientNames: renamed(node.outputRewrites),
    document() {
      document ??= parse(node.operation, { noLocation: true });
      return document;
    },
  };
};

/** One execution: what has been brought so far, and what went wrong. */
export interface Progress {
  readonly data: JsonObject;
  readonly errors: GraphQLError[];
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly call: (request: SubgraphRequest) => Promise<SubgraphAnswer>;
}

/** Never rejects for what a subgraph does: that is on record among the errors. */
export const runFetch = async (fetch: Fetch, progress: Progress): Promise<void> => {
  const objects = objectsAt(progress.data, fetch.path);
  if (objects.length === 0) return;
  if (!fetch.represent) {
    takeRootAnswer(fetch, progress, objects, await progress.call(requestOf(fetch, progress.variables)));
    return;
  }
  const asked = representAll(objects, fetch.represent, fetch.rewriteRepresentation);
  if (asked.length === 0) return;
  const request = requestOf(fetch, progress.variables, asked);
  takeEntities(fetch, progress, asked, await progress.call(request));
};

/** The request of a fetch that starts at a root, such as the one that opens a subscription. */
export const requestOf = (
  { subgraph, isMutation, head, variables }: Fetch,
  values: Progress["variables"],
  asked?: readonly Asked[],
): SubgraphRequest => {
  const members: string[] = [];
  for (const name of variables) {
    const text = Object.hasOwn(values, name) ? JSON.stringify(values[name]) : undefined;
    if (text !== undefined) members.push(`${JSON.stringify(name)}:${text}`);
  }
  if (asked) members.push(`"representations":[${asked.map(({ text }) => text).join(",")}]`);
  return { subgraph, isMutation, body: `${head}${members.join(",")}}}` };
};

/** A representation, and all entities that it stands for. */
export interface Asked {
  readonly text: string;
  readonly typeName: string;
  readonly entities: JsonObject[];
}

/** What is the same for a subgraph is asked once, wherever it stands. */
const representAll = (objects: readonly JsonObject[], represent: Represent, rewrite: Rewrite | null): Asked[] => {
  const asked = new Map<string, Asked>();
  for (const entity of objects) {
    const representation = represent(entity);
    if (!representation?.__typename) continue;
    rewrite?.(representation);
    const text = JSON.stringify(representation);
    // A subgraph that knows an interface alone is told the same of two types: what it answers becomes part of either.
    const key = `${entity.__typename} ${text}`;
    const known = asked.get(key);
    if (known) known.entities.push(entity);
    else asked.set(key, { text, typeName: String(representation.__typename), entities: [entity] });
  }
  return [...asked.values()];
};

/** Takes the answer of a fetch that starts at a root for what stands at its path. */
export const takeRootAnswer = (
  fetch: Fetch,
  progress: Progress,
  objects: readonly JsonObject[],
  answer: SubgraphAnswer,
): void => {
  const { errors } = progress;
  const places = () => [...placesAt(progress.data, fetch.path).values()].flat().slice(0, TOLD_PLACES);
  if (answer.kind === "failed") {
    const { message, extensions } = failureError(answer.failure, answer.retryAfterMs);
    const names = namesFetched(fetch.document(), undefined);
    for (const place of places())
      for (const name of names)
        errors.push(new GraphQLError(message, { path: [...place, clientName(fetch, name)], extensions }));
    return;
  }
  const { data, errors: told = [] } = answer.response;
  const toldPlaces = told.length > 0 ? places() : [];
  for (const error of told.slice(0, TOLD_ERRORS))
    if (!error.path) errors.push(subgraphError(error, undefined));
    else
      for (const place of toldPlaces) errors.push(subgraphError(error, [...place, ...clientNames(fetch, error.path)]));
  if (!isJsonObject(data)) return;
  fetch.rewriteAnswer?.(data);
  for (const object of objects) mergeInto(object, data);
};

/** Of so many places one error is told: whatever else is null is so for the same reason. */
const TOLD_PLACES = 100;
/** Of one answer. Each may be about many places: a subgraph that repeats itself must not fill the memory. */
const TOLD_ERRORS = 1_000;

const takeEntities = (fetch: Fetch, progress: Progress, asked: readonly Asked[], answer: SubgraphAnswer): void => {
  if (answer.kind === "failed") {
    failEntities(fetch, progress, asked, answer);
    return;
  }
  const { data, errors = [] } = answer.response;
  if (errors.length > 0) tellErrors(fetch, progress, asked, errors);
  if (!isJsonObject(data)) return;
  const received = getOwn(data, "_entities");
  // An error has told of this null.
  if (received === null && errors.length > 0) return;
  if (!Array.isArray(received) || received.length !== asked.length) {
    failEntities(fetch, progress, asked, { failure: "SUBGRAPH_INVALID_RESPONSE" });
    return;
  }
  for (const [index, { entities }] of asked.entries()) {
    const entity: unknown = received[index];
    if (!isJsonObject(entity)) continue;
    const typeName = entities[0]?.__typename;
    if (!getOwn(entity, "__typename") && typeName !== undefined) entity.__typename = typeName;
    fetch.rewriteAnswer?.(entity);
    for (const target of entities) mergeInto(target, entity);
  }
};

const failEntities = (
  fetch: Fetch,
  { data, errors }: Progress,
  asked: readonly Asked[],
  { failure, retryAfterMs }: Omit<Extract<SubgraphAnswer, { kind: "failed" }>, "kind">,
): void => {
  const { message, extensions } = failureError(failure, retryAfterMs);
  const placesOf = placesIn(data, fetch.path);
  const document = fetch.document();
  const told = asked.flatMap((one) => placesOf(one).map((place) => ({ typeName: one.typeName, place })));
  for (const { typeName, place } of told.slice(0, TOLD_PLACES))
    for (const name of namesFetched(document, typeName))
      errors.push(new GraphQLError(message, { path: [...place, clientName(fetch, name)], extensions }));
};

/** An error about one representation is one about each place that it stands for. */
const tellErrors = (
  fetch: Fetch,
  { data, errors }: Progress,
  asked: readonly Asked[],
  told: readonly GraphQLFormattedError[],
): void => {
  const placesOf = placesIn(data, fetch.path);
  for (const error of told.slice(0, TOLD_ERRORS)) {
    const [root, index, ...below] = error.path ?? [];
    const about = root === "_entities" && typeof index === "number" ? asked[index] : undefined;
    if (!about) errors.push(subgraphError(error, error.path ? commonPlace(fetch.path) : undefined));
    else
      for (const place of placesOf(about).slice(0, TOLD_PLACES))
        errors.push(subgraphError(error, [...place, ...clientNames(fetch, below)]));
  }
};

const placesIn = (data: JsonObject, path: PlanPath): ((asked: Asked) => readonly ClientPath[]) => {
  const places = placesAt(data, path);
  return ({ entities }) => [...new Set(entities)].flatMap((entity) => places.get(entity) ?? []);
};

const clientName = ({ clientNames }: Fetch, name: string): string => clientNames.get(name) ?? name;

const clientNames = (fetch: Fetch, path: ClientPath): ClientPath =>
  path.map((segment) => (typeof segment === "string" ? clientName(fetch, segment) : segment));

const subgraphError = ({ message, extensions }: GraphQLFormattedError, path: ClientPath | undefined): GraphQLError =>
  new GraphQLError(message || "A subgraph told an error without a message.", {
    ...(path ? { path } : {}),
    extensions: { code: "DOWNSTREAM_SERVICE_ERROR", ...extensions },
  });
