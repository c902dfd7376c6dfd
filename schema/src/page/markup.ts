/** HTML that may go into a page as it is. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | null | undefined | false | readonly Value[];

/** Writes HTML or SVG. Whatever is put in is text, and escaped, unless it was made here. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup => ({
  markup: parts.map((part, index) => part + (index < values.length ? written(values[index]) : "")).join(""),
});

/** A style sheet or script of our own. */
export const raw = (markup: string): Markup => ({ markup });

const written = (value: Value): string => {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  return "markup" in value ? value.markup : value.map(written).join("");
};

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and for attributes in quotes. What turns the direction of text, or is seen by nobody, is spelt out. */
export const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? "")
    .replace(
      /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu,
      (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
    );
