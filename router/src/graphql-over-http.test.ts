import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Library, startLibrary } from "./testing/library.ts";

/** The audits of the working group's own reference implementation. What a server MAY do it may leave out, too. */
describe.each([
  ["by the router itself", true],
  ["by Apollo Server", false],
])("GraphQL over HTTP, answered %s", (_, fastPath) => {
  let library: Library;
  beforeAll(async () => {
    library = await startLibrary({ server: { fastPath } });
  });
  afterAll(() => library.stop());

  for (const { id, name } of serverAudits({ url: "" }))
    it(`${name} (${id})`, async () => {
      const audits = serverAudits({ url: `${library.router.url}/graphql` });
      const result = await audits.find((audit) => audit.id === id)?.fn();
      const told = result && "reason" in result ? result.reason : "";
      expect(name.startsWith("MAY ") ? ["ok", "notice"] : ["ok"], told).toContain(result?.status);
    });
});
