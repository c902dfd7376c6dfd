const SUBJECT = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/;

/** @throws when `subject` is not at least two dot-separated words of letters, digits, `_` and `-`. */
export const assertSubject = (subject: string): void => {
  if (!SUBJECT.test(subject)) {
    throw new Error(
      `"${subject}" is no subject: expected at least two words of A-Z a-z 0-9 _ - joined by dots, such as orders.order.placed.v1.`,
    );
  }
};

/** Whether `subject` falls under `pattern`, in which `*` stands for one word and a last `>` for one or more. */
export const matchesSubject = (pattern: string, subject: string): boolean => {
  const expected = pattern.split(".");
  const words = subject.split(".");
  for (const [index, word] of expected.entries()) {
    if (word === ">") return words.length > index;
    if (words[index] === undefined || (word !== "*" && word !== words[index])) return false;
  }
  return expected.length === words.length;
};
