import { z } from "zod";

/** What the endpoint says, or why it cannot be used; in words for people. */
export class GraphProblem extends Error {
  override readonly name = "GraphProblem";
}

const Response = z
  .looseObject({
    data: z.unknown().optional(),
    errors: z
      .array(
        z.looseObject({ message: z.string(), extensions: z.looseObject({ code: z.string().optional() }).optional() }),
      )
      .optional(),
  })
  .refine(({ data, errors }) => data !== undefined || errors !== undefined);

export interface Graph {
  /**
   * Answers `data`, which must be of the shape.
   * @throws GraphProblem otherwise.
   */
  ask<T>(shape: z.ZodType<T>, document: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** From now on asks as whoever this access token belongs to. */
  signIn(accessToken: string): void;
}

const ANSWER_WITHIN_MS = 15_000;

/** The endpoint at `url`, until `signal` is aborted. */
export const openGraph = (url: string, signal: AbortSignal): Graph => {
  let token: string | null = null;
  return {
    signIn(accessToken) {
      token = accessToken;
    },
    async ask(shape, document, variables = {}) {
      const { data, errors = [] } = await post(url, token, JSON.stringify({ query: document, variables }), signal);
      const read = shape.safeParse(data);
      if (read.success && errors.length === 0) return read.data;
      const [first] = errors;
      if (first) throw new GraphProblem(`it answered ${first.extensions?.code ?? "an error"}: ${first.message}`);
      throw new GraphProblem(`it answered something else than was asked for: ${JSON.stringify(data).slice(0, 200)}`);
    },
  };
};

const post = async (url: string, token: string | null, body: string, signal: AbortSignal) => {
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    const text = await answer.text();
    const read = Response.safeParse(parse(text));
    if (read.success) return read.data;
    throw new GraphProblem(`it answered HTTP ${answer.status} and no GraphQL: ${text.slice(0, 200)}`);
  } catch (error) {
    if (error instanceof GraphProblem) throw error;
    throw new GraphProblem(`it cannot be reached: ${reasonOf(error)}`);
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : error.message;
};
