export const JSON_TYPE = "application/json";
export const GRAPHQL_RESPONSE_TYPE = "application/graphql-response+json";
export const EVENT_STREAM_TYPE = "text/event-stream";

/** How an `Accept` header wants GraphQL answered. */
export interface Accepted {
  /** `application/graphql-response+json` is liked at least as much as `application/json`. */
  readonly graphqlResponse: boolean;
  readonly json: boolean;
  readonly eventStream: boolean;
}

/** An absent header accepts JSON, as GraphQL over HTTP has it. */
export const readAccept = (header: string | undefined): Accepted => {
  const ranges = readRanges(header ?? JSON_TYPE);
  const quality = (...types: string[]): number =>
    Math.max(0, ...ranges.filter(({ type }) => types.includes(type)).map(({ q }) => q));
  const position = (type: string): number => ranges.findIndex((range) => range.type === type);

  const json = quality(JSON_TYPE);
  const graphql = quality(GRAPHQL_RESPONSE_TYPE);
  const first = position(GRAPHQL_RESPONSE_TYPE) < position(JSON_TYPE) || position(JSON_TYPE) === -1;
  return {
    graphqlResponse: graphql > 0 && (graphql > json || (graphql === json && first)),
    json: Math.max(json, graphql, quality("*/*", "application/*")) > 0,
    eventStream: quality(EVENT_STREAM_TYPE) > 0,
  };
};

/** Of an `Accept` header, or one like it: what is liked, and how much, from 0 to 1. */
export const readRanges = (header: string): { type: string; q: number }[] =>
  header.toLowerCase().split(",").map(readRange);

const readRange = (text: string): { type: string; q: number } => {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
  const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  const parsed = q === undefined ? 1 : Number(q);
  return { type, q: Number.isFinite(parsed) ? parsed : 0 };
};
