import { plain } from "./text.ts";

/**
 * Others' text as Markdown that shows just that text, on one line. Whatever Markdown, HTML or GitHub would make something of is put
 * into code spans, word by word: `@key` pings nobody, `#1` links nowhere, `<img>` loads nothing. What is in backticks stays so.
 */
export const markdownText = (text: string): string =>
  plain(text)
    .split(TICKED)
    .map((part, at) => (at % 2 === 1 ? codeSpan(part.slice(1, -1)) : part.split(" ").map(wordText).join(" ")))
    .join("")
    .replace(/^(?:[-+]+|\d+[.)])(?= |$)/, (marker) => codeSpan(marker));

/** A code span that shows `text`, whatever backticks it has. */
export const codeSpan = (text: string): string => {
  const inner = plain(text);
  if (inner === "") return "";
  const longest = Math.max(0, ...[...inner.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = inner.startsWith("`") || inner.endsWith("`") ? " " : "";
  return `${fence}${pad}${inner}${pad}${fence}`;
};

/**
 * What the text itself has in backticks. Only where spaces and punctuation are around: two code spans side by side would be one,
 * with the end of the second outside of it.
 */
const TICKED = /((?<=(?:^|\s)[("']*)`[^`]+`(?=[.,;:!?)"']*(?:\s|$)))/;

const wordText = (word: string): string => {
  const coordinate = /^(["'(]*)(@?\w[\w.]*\(\w+:\))([.,;:!?)"']*)$/.exec(word);
  if (coordinate?.[2] !== undefined) return `${coordinate[1]}${codeSpan(coordinate[2])}${coordinate[3]}`;
  let start = 0;
  let end = word.length;
  while (start < end && `("'`.includes(word.charAt(start))) start += 1;
  while (end > start && `.,;:!?)"'`.includes(word.charAt(end - 1))) end -= 1;
  const core = word.slice(start, end);
  return isPlainProse(core) ? word : `${word.slice(0, start)}${codeSpan(core)}${word.slice(end)}`;
};

const isPlainProse = (word: string): boolean =>
  // Markup; a mention, an issue, an address.
  !/[`*_~<>&[\]{}#@|\\$^=]|:\/\/|^www\.|:[\w+-]+:|^GH-\d/i.test(word) &&
  // A coordinate; what could be a commit.
  !/^[A-Z]\w*\.\w|^[0-9a-f]{7,40}$/.test(word);
