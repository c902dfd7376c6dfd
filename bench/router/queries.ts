import { ENTITY_QUERY, ONE_FETCH_QUERY } from "../federation-graph.ts";
import type { Traffic } from "./load.ts";

export type QueryName = "sixteen-fetches" | "one-fetch";

export interface Query {
  readonly name: QueryName;
  readonly title: string;
  readonly text: string;
  /** Requests in flight at once. */
  readonly concurrency: number;
}

export const QUERIES: readonly Query[] = [
  { name: "sixteen-fetches", title: "16 fetches, 88 KB", text: ENTITY_QUERY, concurrency: 24 },
  { name: "one-fetch", title: "one fetch", text: ONE_FETCH_QUERY, concurrency: 64 },
];

export const TRAFFICS: readonly { readonly name: Traffic; readonly title: string }[] = [
  { name: "unique", title: "an Authorization of its own for each request" },
  { name: "identical", title: "one Authorization for all" },
];
