import type { Changelog } from "./changelog.ts";

/** For tools. Fields are added, never changed. */
export const jsonChangelog = (log: Changelog): string => `${JSON.stringify(log, null, 2)}\n`;
