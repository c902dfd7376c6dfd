import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { withFinalNewline } from "./compose.ts";

/** The text of what clients see. Sorted, so that moving a type from one subgraph to another is no change of the API. */
export const apiSdlOf = (api: GraphQLSchema): string => withFinalNewline(printSchema(lexicographicSortSchema(api)));
