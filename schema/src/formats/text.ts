import type { Location } from "../findings/finding.ts";

/**
 * Text that others wrote, as lines that can be shown: what a terminal would obey or an eye would not see is spelt out (`\u001b`), and
 * what the logs of build servers take for commands (`::set-output`, `##[group]`) is taken apart. Never empty.
 */
export const plainLines = (text: string): readonly [string, ...string[]] => {
  const [first = "", ...more] = text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).map(visible);
  return [first, ...more];
};

/** As {@link plainLines}, on one line. */
export const plain = (text: string): string =>
  plainLines(text)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");

/** `path:line:column`, which terminals and editors make a link of. */
export const placeOf = ({ path, line, column }: Location): string => `${plain(path)}:${line}:${column}`;

/** As {@link placeOf}, with the name of the base where it is a place of it. */
export const placeWithSide = (location: Location, base: string | null): string =>
  location.side === "head"
    ? placeOf(location)
    : `${placeOf(location)} (base${base === null ? "" : `: ${plain(base)}`})`;

/** A path as a relative URI. */
export const uriOf = (path: string): string =>
  path
    .split("/")
    .map((part) =>
      encodeURIComponent(part.replace(/\p{Cs}/gu, "\ufffd")).replace(
        /[()!*']/g,
        (sign) => `%${sign.charCodeAt(0).toString(16)}`,
      ),
    )
    .join("/");

/** `1 error`, `2 errors`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `a`, `a and b`, `a, b and c`. */
export const sentence = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;

/** Every UTF-16 unit of a text as JSON, JavaScript and GraphQL spell it. */
export const spelt = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");

/** Controls, and what formats without being seen: all but the joiners that emoji and some scripts are written with. */
export const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029]/gu;

/** What most lines are: nothing in it can be taken for anything else. */
const PLAIN = /^[\x20-\x7e]*$/;

const visible = (line: string): string =>
  PLAIN.test(line) ? withoutCommands(line) : withoutCommands(line.replaceAll("\t", " ").replace(UNSEEN, spelt));

const withoutCommands = (line: string): string =>
  line.includes("::") || line.includes("##") ? line.replace(/(?<!\S)::/g, ": :").replace(/##(?=\w*\[)/g, "# #") : line;
