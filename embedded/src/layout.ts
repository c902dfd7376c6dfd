import { join } from "node:path";

/** What lies where in the data folder; nothing else in it is ours. */
export const layout = (dataDirectory: string) => ({
  postgres: join(dataDirectory, "postgres"),
  nats: join(dataDirectory, "nats"),
  deadLetters: join(dataDirectory, "dead-letters"),
  provider: join(dataDirectory, "provider"),
  secrets: join(dataDirectory, "secrets.json"),
});
