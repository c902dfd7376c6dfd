/**
 * Breaks a line at its spaces so that it fits into `width` characters, the indent included. `first` stands before the first line
 * instead of the indent, and is as long. A word that is too long stays whole: half a path cannot be clicked.
 */
export const paragraph = (text: string, width: number, indent: string, first: string = indent): string[] => {
  const room = Math.max(width - lengthOf(indent), MIN_ROOM);
  const lines: string[] = [];
  let line = "";
  let length = 0;
  for (const word of text.split(" ")) {
    const more = lengthOf(word);
    if (line !== "" && length + 1 + more > room) {
      lines.push(line);
      line = word;
      length = more;
    } else {
      length = line === "" ? more : length + 1 + more;
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((one, at) => `${at === 0 ? first : indent}${one}`);
};

/** Narrower than this, there would be a word a line. */
const MIN_ROOM = 24;

/** In characters as they are counted by people, if not in columns. */
const lengthOf = (text: string): number => (PAIRED.test(text) ? [...text].length : text.length);

const PAIRED = /[\ud800-\udfff]/;
