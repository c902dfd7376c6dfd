/** Where to connect and as whom, from URLs that may hold credentials. */
export interface Servers {
  readonly hosts: readonly string[];
  readonly tls: boolean;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

/**
 * Reads `nats://user:password@host:4222,nats://other`. `nats` itself ignores credentials in URLs. A name without a
 * password is a token. The first credentials hold for all servers.
 * @throws when a URL cannot be read; the message does not repeat it, since it may hold a password.
 */
export const parseServers = (servers: string | readonly string[]): Servers => {
  const urls = (typeof servers === "string" ? servers.split(",") : servers).map((server) => server.trim());
  const parsed = urls.filter((url) => url !== "").map(parse);
  if (parsed.length === 0)
    throw new Error("No NATS server is given: expected nats://host:4222 or several, comma-separated.");
  const withName = parsed.find(({ username }) => username !== "");
  return {
    hosts: parsed.map(({ hostname, port }) => `${hostname}:${port || "4222"}`),
    tls: parsed.some(({ protocol }) => protocol === "tls:"),
    ...(withName && credentialsOf(withName)),
  };
};

const parse = (text: string, index: number): URL => {
  const url = text.includes("://") ? text : `nats://${text}`;
  if (!/^(nats|tls):\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new Error(`NATS server number ${index + 1} is no URL: expected nats://host:4222 or tls://host:4222.`);
  }
  return new URL(url);
};

const credentialsOf = ({ username, password }: URL) =>
  password === ""
    ? { token: decodeURIComponent(username) }
    : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
