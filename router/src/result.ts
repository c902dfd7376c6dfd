import type { GraphQLFormattedError } from "graphql";
import { JsonText } from "./executor/json.ts";

export interface Result {
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  /** May be written already. */
  readonly data?: unknown;
  readonly extensions?: unknown;
}

/** A GraphQL response as JSON, in one line. Errors come first: who reads a long answer sees them. */
export const writeResult = ({ errors, data, extensions }: Result): string => {
  const members = [
    ...(errors?.length ? [`"errors":${JSON.stringify(errors)}`] : []),
    ...(data === undefined ? [] : [`"data":${data instanceof JsonText ? data.text : JSON.stringify(data)}`]),
    ...(extensions === undefined ? [] : [`"extensions":${JSON.stringify(extensions)}`]),
  ];
  return `{${members.join(",")}}\n`;
};
