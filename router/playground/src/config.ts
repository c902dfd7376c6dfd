/** What the router answers at `/playground/config.json`: all that the playground knows of the graph that it shows. */
export interface PlaygroundConfig {
  readonly title: string;
  /** Path or URL of the GraphQL endpoint, of the playground's own origin: the page may call no other. */
  readonly endpoint: string;
  readonly signIn: SignInConfig | null;
  readonly operations: readonly StarterOperation[];
}

export interface SignInConfig {
  /** The mutation that signs in. */
  readonly operation: string;
  readonly accounts: readonly Account[];
  /** Where in the answer's `data` the access token is, such as `["login", "accessToken"]`. */
  readonly tokenPath: readonly string[];
}

export interface Account {
  readonly label: string;
  readonly variables: Variables;
}

export interface StarterOperation {
  readonly name: string;
  readonly query: string;
  readonly variables?: Variables;
}

export type Variables = Readonly<Record<string, unknown>>;

export type ParsedConfig =
  | { kind: "valid"; config: PlaygroundConfig }
  | { kind: "invalid"; problems: readonly string[] };

/** Checks the untrusted JSON; `problems` name each wrong place and what was expected there. */
export function parseConfig(json: unknown): ParsedConfig {
  const problems: string[] = [];
  const config = readConfig(json, problems);
  return config && problems.length === 0 ? { kind: "valid", config } : { kind: "invalid", problems };
}

function readConfig(json: unknown, problems: string[]): PlaygroundConfig | null {
  if (!isObject(json)) {
    problems.push(`expected an object, got ${describe(json)}`);
    return null;
  }
  return {
    title: text(json.title, "title", problems),
    endpoint: text(json.endpoint, "endpoint", problems),
    signIn: json.signIn === null ? null : readSignIn(json.signIn, problems),
    operations: list(json.operations, "operations", problems).map((entry, index) =>
      readOperation(entry, `operations[${index}]`, problems),
    ),
  };
}

function readSignIn(json: unknown, problems: string[]): SignInConfig | null {
  if (!isObject(json)) {
    problems.push(`signIn: expected an object or null, got ${describe(json)}`);
    return null;
  }
  const tokenPath = list(json.tokenPath, "signIn.tokenPath", problems).map((step, index) =>
    text(step, `signIn.tokenPath[${index}]`, problems),
  );
  if (tokenPath.length === 0) problems.push("signIn.tokenPath: expected at least one step");
  return {
    operation: text(json.operation, "signIn.operation", problems),
    accounts: list(json.accounts, "signIn.accounts", problems).map((entry, index) =>
      readAccount(entry, `signIn.accounts[${index}]`, problems),
    ),
    tokenPath,
  };
}

function readAccount(json: unknown, at: string, problems: string[]): Account {
  const account = object(json, at, problems);
  return {
    label: text(account.label, `${at}.label`, problems),
    variables: object(account.variables, `${at}.variables`, problems),
  };
}

function readOperation(json: unknown, at: string, problems: string[]): StarterOperation {
  const operation = object(json, at, problems);
  const name = text(operation.name, `${at}.name`, problems);
  const query = text(operation.query, `${at}.query`, problems);
  if (operation.variables === undefined) return { name, query };
  return { name, query, variables: object(operation.variables, `${at}.variables`, problems) };
}

function text(value: unknown, at: string, problems: string[]): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  problems.push(`${at}: expected text, got ${describe(value)}`);
  return "";
}

function list(value: unknown, at: string, problems: string[]): readonly unknown[] {
  if (Array.isArray(value)) return value;
  problems.push(`${at}: expected a list, got ${describe(value)}`);
  return [];
}

function object(value: unknown, at: string, problems: string[]): Variables {
  if (isObject(value)) return value;
  problems.push(`${at}: expected an object, got ${describe(value)}`);
  return {};
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" && value.trim() === "" ? "empty text" : `a ${typeof value}`;
}
