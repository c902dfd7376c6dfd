import { countCodePoints } from "@supergraph/contracts";

export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 200;

export type PasswordVerdict = { kind: "acceptable" } | { kind: "weak"; reason: string };

/**
 * The one spelling under which a password is hashed and compared, NFKC: keyboards differ in how they compose the same
 * characters. Undefined for what is too long to be anybody's password.
 */
export const normalisePassword = (raw: string): string | undefined => {
  if (raw.length > MAX_PASSWORD_LENGTH * 4) return undefined;
  const password = raw.normalize("NFKC");
  return countCodePoints(password) > MAX_PASSWORD_LENGTH ? undefined : password;
};

/** Judges a password that was normalised, for the account of a normalised `email`. */
export const judgePassword = (password: string | undefined, email: string): PasswordVerdict => {
  if (password === undefined) return weak(`must have at most ${MAX_PASSWORD_LENGTH} characters`);
  if (countCodePoints(password) < MIN_PASSWORD_LENGTH)
    return weak(`must have at least ${MIN_PASSWORD_LENGTH} characters`);
  const folded = password.trim().toLowerCase();
  if (folded === email) return weak("must not be the e-mail");
  if (new Set(folded).size < 3 || MOST_COMMON.has(folded)) return weak("is one of the first that anybody would try");
  return { kind: "acceptable" };
};

const weak = (reason: string): PasswordVerdict => ({ kind: "weak", reason });

/** The most common passwords of public leaks that are long enough to pass otherwise, in lower case. */
const MOST_COMMON: ReadonlySet<string> = new Set(
  `1234567890 0123456789 0987654321 9876543210 12345678910 123456789a 123456789q 1234567891 123456789123
  123456789012 1234567899 a123456789 abc123456789 123123123123 123456123456 1212121212 1010101010 1q2w3e4r5t 1q2w3e4r5t6y
  1qaz2wsx3edc qazwsxedcrfv qwertyuiop qwertyuiop123 qwerty1234 qwerty12345 qwerty123456 1234qwerasdf asdfghjkl123
  asdfghjklq zxcvbnm123 zaq12wsxcde3 password12 password123 password1234 password12345 password123456 passwordpassword
  passw0rd123 p@ssw0rd123 p@ssword123 mypassword mypassword1 letmein123 letmein1234 welcome123 welcome1234 welcome12345
  iloveyou12 iloveyou123 iloveyou1234 iloveyouforever administrator admin12345 admin123456 changeme123 changeme1234
  basketball football12 football123 baseball123 princess123 sunshine123 superman123 dragon12345 monkey12345 abcdefghij
  abcdefghijk abcdefghijkl abcdefg123 abcd123456 abcde12345 test123456 testtest123 1234567890a 1234567890q 11223344556677
  147258369a 1472583690 159357456852 secret1234 secretsecret`.split(/\s+/),
);
