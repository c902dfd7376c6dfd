/** Where the built playground lies, to be served as static files. */
export const playgroundDist: string;

/**
 * Builds the playground into `router/playground/dist` when that is missing or was made of other sources.
 * Safe to repeat and to run twice at once.
 * `unavailable` when dev dependencies or the sources are not there; `dist` stays as it was.
 * @throws Error with Vite's output when the build fails.
 */
export function buildPlayground(options?: { force?: boolean }): Promise<PlaygroundBuild>;

export type PlaygroundBuild =
  | { kind: "built"; ms: number }
  | { kind: "upToDate" }
  | { kind: "unavailable"; missing: string[] };
