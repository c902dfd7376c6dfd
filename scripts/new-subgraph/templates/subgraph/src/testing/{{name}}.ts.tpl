import { silentLogger } from "@supergraph/service";
import { createTestDatabase, createTestSigner, manualClock } from "@supergraph/testing";
import { migrate{{Name}}, start{{Name}}Subgraph } from "../server.ts";

export const NOON = "2026-01-31T12:00:00.000Z";

/** The whole subgraph over HTTP on a database of its own, with a clock that stands at noon. */
export const startTest{{Name}} = async () => {
  const database = await createTestDatabase({ migrate: migrate{{Name}} });
  const signer = await createTestSigner();
  const clock = manualClock(NOON);
  const statements: string[] = [];
  const subgraph = await start{{Name}}Subgraph(
    {
      host: "127.0.0.1",
      port: 0,
      databaseUrl: database.url,
      routerPublicKeys: signer.publicJwks,
      logLevel: "silent",
    },
    { log: silentLogger(), now: clock.now, onQuery: (statement) => statements.push(statement) },
  );
  return {
    url: subgraph.url,
    clock,
    /** Every statement of the subgraph so far; empty it to count. */
    statements,
    as: signer.client(subgraph.url, "{{name}}"),
    stop: async () => {
      await subgraph.stop();
      await database.drop();
    },
  };
};

export type Test{{Name}} = Awaited<ReturnType<typeof startTest{{Name}}>>;
