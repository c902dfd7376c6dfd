/** Abbreviations may stay as they are: `URL`, `SKUCount`. */
export const isPascalCase = (name: string): boolean => /^[A-Z][A-Za-z0-9]*$/.test(name);

export const isCamelCase = (name: string): boolean => /^[a-z][A-Za-z0-9]*$/.test(name);

/** `_2XL` is the only way to write what begins with a digit. */
export const isScreamingSnakeCase = (name: string): boolean => /^([A-Z]|_[0-9])[A-Z0-9]*(_[A-Z0-9]+)*$/.test(name);

export const pascalCase = (name: string): string =>
  wordsOf(name)
    .map((word) => word.charAt(0).toUpperCase() + (isAllCapitals(name) ? word.slice(1).toLowerCase() : word.slice(1)))
    .join("");

export const camelCase = (name: string): string => {
  const [first = "", ...rest] = wordsOf(name);
  return `${/^[A-Z0-9]+$/.test(first) ? first.toLowerCase() : first.charAt(0).toLowerCase() + first.slice(1)}${pascalCase(rest.join("_"))}`;
};

export const screamingSnakeCase = (name: string): string =>
  wordsOf(name)
    .map((word) => word.toUpperCase())
    .join("_");

/** `order_lineURL2` → `order`, `line`, `URL2`. */
const wordsOf = (name: string): string[] => name.match(/[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z][a-z0-9]*|[0-9]+/g) ?? [name];

const isAllCapitals = (name: string): boolean => name === name.toUpperCase();
