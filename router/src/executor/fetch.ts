import type { FetchNode } from "@apollo/query-planner";
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, OperationTypeNode, parse } from "graphql";
import { failureError, namesFetched } from "../subgraph-failures.ts";
import type { SubgraphAnswer, SubgraphFetch } from "../subgraphs/call.ts";
import { type Asked, representAll } from "./alike-entities.ts";
import { copyJson, getOwn, isJsonObject, type JsonObject } from "./json.ts";
import { mergeInto } from "./merge.ts";
import type { IsOfType } from "./object-types.ts";
import { compileRequires, compileWriting, type WriteRepresentation, written } from "./representations.ts";
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
  readonly represent: WriteRepresentation | null;
  /** Null where what was brought for others cannot be used. */
  readonly question: Question | null;
  readonly rewriteAnswer: Rewrite | null;
  readonly isOfType: IsOfType;
  /** Response names that differ from those that the client knows. */
  readonly clientNames: ReadonlyMap<string, string>;
  /** What is asked for. Needed only to tell what is missing. */
  readonly document: () => DocumentNode;
}

/**
 * What fetches ask of a subgraph about entities: those with the same one ask the same, so that an entity that one of them has
 * asked for need not be asked for by another.
 */
export interface Question {
  /** How many fetches of the program have it. */
  fetches: number;
}

/** The questions of one program, by subgraph and words. Null for one whose fetches are to ask for themselves. */
export type Questions = Map<string, Question> | null;

export const compileFetch = (node: FetchNode, path: PlanPath, isOfType: IsOfType, questions: Questions): Fetch => {
  let document = node.operationDocumentNode;
  const rewriteAnswer = compileRewrites(node.outputRewrites, isOfType);
  return {
    subgraph: node.serviceName,
    isMutation: node.operationKind === OperationTypeNode.MUTATION,
    path,
    head: `{"query":${JSON.stringify(node.operation)}${node.operationName ? `,"operationName":${JSON.stringify(node.operationName)}` : ""},"variables":{`,
    variables: node.variableUsages ?? [],
    represent: node.requires ? compileRepresent(node.requires, node, isOfType) : null,
    question: node.requires && questions && !rewriteAnswer ? questionOf(node, questions) : null,
    rewriteAnswer,
    isOfType,
    clientNames: renamed(node.outputRewrites),
    document() {
      document ??= parse(node.operation, { noLocation: true });
      return document;
    },
  };
};

const compileRepresent = (
  requires: NonNullable<FetchNode["requires"]>,
  { inputRewrites }: FetchNode,
  isOfType: IsOfType,
): WriteRepresentation => {
  const rewrite = compileRewrites(inputRewrites, isOfType);
  const write = rewrite ? null : compileWriting(requires, isOfType);
  if (write) return write;
  const represent = compileRequires(requires, isOfType);
  return (entity) => {
    const representation = represent(entity);
    if (representation?.__typename) rewrite?.(representation);
    return written(representation);
  };
};

/** The planner names each operation anew; its variables are those of the client's operation, the same for all. */
const questionOf = ({ serviceName, operation }: FetchNode, questions: NonNullable<Questions>): Question => {
  const key = `${serviceName} ${operation.replace(/^query \w+/, "query")}`;
  const question = questions.get(key) ?? { fetches: 0 };
  question.fetches += 1;
  questions.set(key, question);
  return question;
};

/** One execution: what has been brought so far, and what went wrong. */
export interface Progress {
  readonly data: JsonObject;
  readonly errors: GraphQLError[];
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly call: (request: SubgraphRequest) => Promise<SubgraphAnswer>;
  /** What was asked for so far of what several fetches ask; null as long as that is nothing. */
  brought: Map<Question, Map<string, Brought>> | null;
}

/** An entity within an answer that is there, or will be. */
interface Brought {
  readonly answer: Promise<SubgraphAnswer>;
  readonly index: number;
  /** How many entities the answer is to have. */
  readonly count: number;
}

/** Never rejects for what a subgraph does: that is on record among the errors. */
export const runFetch = async (fetch: Fetch, progress: Progress): Promise<void> => {
  const objects = objectsAt(progress.data, fetch.path);
  if (objects.length === 0) return;
  if (!fetch.represent) {
    takeRootAnswer(fetch, progress, objects, await progress.call(requestOf(fetch, progress.variables)));
    return;
  }
  const { fresh, others } = withoutBrought(fetch, progress, representAll(objects, fetch.represent));
  if (fresh.length > 0) {
    const answer = progress.call(requestOf(fetch, progress.variables, fresh));
    noteBrought(fetch, progress, fresh, answer);
    takeEntities(fetch, progress, { positions: fresh.map(position), count: fresh.length }, await answer);
  }
  for (const [answer, expected] of others) takeEntities(fetch, progress, expected, await answer);
};

const position = (asked: Asked, index: number): Position => ({ asked, index });

const isShared = ({ question }: Fetch): boolean => question !== null && question.fetches > 1;

/** What no other fetch has asked for, and where the rest is. */
const withoutBrought = (
  fetch: Fetch,
  { brought }: Progress,
  asked: readonly Asked[],
): { fresh: readonly Asked[]; others: ReadonlyMap<Promise<SubgraphAnswer>, Expected> } => {
  const known = fetch.question && brought?.get(fetch.question);
  if (!known) return { fresh: asked, others: NO_OTHERS };
  const fresh: Asked[] = [];
  const others = new Map<Promise<SubgraphAnswer>, { positions: Position[]; count: number }>();
  for (const one of asked) {
    const found = known.get(one.key);
    if (!found) {
      fresh.push(one);
      continue;
    }
    const { answer, index, count } = found;
    const expected = others.get(answer) ?? { positions: [], count };
    expected.positions.push({ asked: one, index });
    others.set(answer, expected);
  }
  return { fresh, others };
};

const NO_OTHERS: ReadonlyMap<Promise<SubgraphAnswer>, Expected> = new Map();

const noteBrought = (
  fetch: Fetch,
  progress: Progress,
  asked: readonly Asked[],
  answer: Promise<SubgraphAnswer>,
): void => {
  if (!fetch.question || !isShared(fetch)) return;
  progress.brought ??= new Map();
  const known = progress.brought.get(fetch.question) ?? new Map<string, Brought>();
  progress.brought.set(fetch.question, known);
  for (const [index, { key }] of asked.entries()) known.set(key, { answer, index, count: asked.length });
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

/** Which of an answer's entities was asked for. */
interface Position {
  readonly asked: Asked;
  readonly index: number;
}

/** What of an answer is taken, and how many entities it has to have. */
interface Expected {
  readonly positions: readonly Position[];
  readonly count: number;
}

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

const takeEntities = (fetch: Fetch, progress: Progress, expected: Expected, answer: SubgraphAnswer): void => {
  const { positions, count } = expected;
  if (answer.kind === "failed") {
    failEntities(fetch, progress, positions, answer);
    return;
  }
  const { data, errors = [] } = answer.response;
  if (errors.length > 0) tellErrors(fetch, progress, expected, errors);
  if (!isJsonObject(data)) return;
  const received = getOwn(data, "_entities");
  // An error has told of this null.
  if (received === null && errors.length > 0) return;
  if (!Array.isArray(received) || received.length !== count) {
    failEntities(fetch, progress, positions, { failure: "SUBGRAPH_INVALID_RESPONSE" });
    return;
  }
  // What others take, too, must not become part of what is completed here.
  const isTakenByOthers = isShared(fetch);
  const unusable: Position[] = [];
  for (const found of positions) {
    const { asked, index } = found;
    const answered: unknown = received[index];
    // What is not there, or not shown.
    if (answered === null || answered === undefined) continue;
    const entity = isTakenByOthers ? copyJson(answered) : answered;
    if (!isJsonObject(entity) || !settleType(entity, asked.entities[0], fetch.isOfType)) {
      unusable.push(found);
      continue;
    }
    fetch.rewriteAnswer?.(entity);
    for (const target of asked.entities) mergeInto(target, entity);
  }
  if (unusable.length > 0) failEntities(fetch, progress, unusable, { failure: "SUBGRAPH_INVALID_RESPONSE" });
};

/** False for an entity that is answered as something that it cannot be: it would overwrite what others have told. */
const settleType = (entity: JsonObject, target: JsonObject | undefined, isOfType: IsOfType): boolean => {
  const { __typename: told } = entity;
  const known = target?.__typename;
  if (told === known || typeof known !== "string") return true;
  if (!told) {
    entity.__typename = known;
    return true;
  }
  return (
    typeof told === "string" &&
    (isOfType({ __typename: told }, known) === true || isOfType({ __typename: known }, told) === true)
  );
};

const failEntities = (
  fetch: Fetch,
  { data, errors }: Progress,
  positions: readonly Position[],
  { failure, retryAfterMs }: Omit<Extract<SubgraphAnswer, { kind: "failed" }>, "kind">,
): void => {
  const { message, extensions } = failureError(failure, retryAfterMs);
  const placesOf = placesIn(data, fetch.path);
  const document = fetch.document();
  const told = positions.flatMap(({ asked }) => placesOf(asked).map((place) => ({ typeName: asked.typeName, place })));
  for (const { typeName, place } of told.slice(0, TOLD_PLACES))
    for (const name of namesFetched(document, typeName))
      errors.push(new GraphQLError(message, { path: [...place, clientName(fetch, name)], extensions }));
};

/** An error about one representation is one about each place that it stands for. */
const tellErrors = (
  fetch: Fetch,
  { data, errors }: Progress,
  { positions, count }: Expected,
  told: readonly GraphQLFormattedError[],
): void => {
  const placesOf = placesIn(data, fetch.path);
  const askedAt = new Map(positions.map(({ asked, index }) => [index, asked]));
  for (const error of told.slice(0, TOLD_ERRORS)) {
    const [root, index, ...below] = error.path ?? [];
    const isAboutOne = root === "_entities" && typeof index === "number" && index >= 0 && index < count;
    const about = isAboutOne ? askedAt.get(index) : undefined;
    // About what another fetch has asked for beside it.
    if (isAboutOne && !about) continue;
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
