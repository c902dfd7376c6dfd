import { describe, expect, it } from "vitest";
import { operationMeant } from "./operation-text.ts";

const nameMeant = (query: string, operationName?: string | null) => operationMeant(query, operationName)?.name?.value;

describe("the operation that is meant", () => {
  it("is the named one of several", () => {
    expect(nameMeant("query A { a } query B { b }", "B")).toBe("B");
  });

  it("is the only one, whatever stale name comes with it", () => {
    expect(nameMeant("subscription Stock { stock }", "Products")).toBe("Stock");
    expect(operationMeant("{ a }", "Products")?.operation).toBe("query");
  });

  it("is none of several when no name fits", () => {
    expect(operationMeant("query A { a } query B { b }", null)).toBeNull();
  });

  it("is none in a text that does not parse or holds fragments only", () => {
    expect(operationMeant("query {", "A")).toBeNull();
    expect(operationMeant("fragment F on T { a }", null)).toBeNull();
  });
});
