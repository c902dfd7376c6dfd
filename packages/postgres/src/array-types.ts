type Element = string | number | boolean | null | object;

/**
 * The array types of Postgres for a client that does not fetch them: postgres.js would ask for them in a query of its
 * own after each connect, and when the connection is lost during that one, its rejection has no handler and ends the process.
 */
export const arrayTypes = {
  textArrays: arrayType([1009, 1015, 1014, 1003, 2951, 1016, 1231, 1185, 1115, 1182], (text) => text),
  numberArrays: arrayType([1007, 1005, 1021, 1022, 1028], Number),
  booleanArrays: arrayType([1000], (text) => text === "t"),
  jsonArrays: arrayType([3807, 199], (text): Element => JSON.parse(text)),
};

function arrayType(oids: readonly [number, ...number[]], element: (text: string) => Element) {
  return {
    to: oids[0],
    from: [...oids],
    serialize: formatArray,
    parse: (text: string) => parseArray(text, element),
  };
}

/** `{"a","b",null}`; what is no array, such as a literal that Drizzle has already written, stays as it is. */
export function formatArray(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return `{${value.map(formatElement).join(",")}}`;
}

const formatElement = (value: unknown): string => {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return String(formatArray(value));
  const text =
    value instanceof Date ? value.toISOString() : typeof value === "object" ? JSON.stringify(value) : String(value);
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
};

type Nested = Element | Nested[];

/** Reads what Postgres writes: `{1,NULL,"a \"b\""}`, nested as deep as it comes. */
export function parseArray(text: string, element: (text: string) => Element): Nested[] {
  let at = text.indexOf("{");
  const quoted = (): string => {
    let value = "";
    for (at += 1; text[at] !== '"'; at += 1) {
      if (at >= text.length) throw unreadable(text);
      if (text[at] === "\\") at += 1;
      value += text[at];
    }
    at += 1;
    return value;
  };
  const bare = (): string => {
    const start = at;
    while (at < text.length && text[at] !== "," && text[at] !== "}") at += 1;
    return text.slice(start, at);
  };
  const array = (): Nested[] => {
    const values: Nested[] = [];
    at += 1;
    while (text[at] !== "}") {
      if (at >= text.length || at < 0) throw unreadable(text);
      if (text[at] === ",") at += 1;
      else if (text[at] === "{") values.push(array());
      else if (text[at] === '"') values.push(element(quoted()));
      else {
        const value = bare();
        values.push(value.toUpperCase() === "NULL" ? null : element(value));
      }
    }
    at += 1;
    return values;
  };
  if (at < 0) throw unreadable(text);
  return array();
}

const unreadable = (text: string): Error => new Error(`Expected an array of Postgres, {…}, got ${text.slice(0, 100)}`);
