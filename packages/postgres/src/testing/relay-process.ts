/**
 * A process of its own that runs a relay on the database that it is given, and tells on its standard output, a line
 * each, that it leads and which messages it begins to publish.
 */
import { openDatabase } from "../database.ts";
import { startRelay } from "../relay.ts";
import * as schema from "../tables.ts";
import { createTransactions } from "../transactions.ts";

const [url = ""] = process.argv.slice(2);
const tell = (line: string) => void process.stdout.write(`${line}\n`);
const database = openDatabase({ url, schema, applicationName: "relay-process" });

await startRelay({
  database,
  transactions: createTransactions(database),
  publish: async ({ envelope }) => tell(`publish ${envelope.id}`),
  log: {
    info: (_, message) => tell(message),
    warn: (fields, message) => tell(`${message} ${JSON.stringify(fields)}`),
  },
});
