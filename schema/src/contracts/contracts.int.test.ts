import { loadSupergraph } from "@supergraph/router/planning";
import { buildSchema, parse, print, printSchema } from "graphql";
import { afterEach, describe, expect, it } from "vitest";
import { composeSubgraphs } from "../composition/compose.ts";
import { type GraphFolder, graphFiles, openGraphFolder } from "../testing/graph-folder.ts";
import { filterSupergraph } from "./filter.ts";

const SHOP = `
type Query { product(id: ID!): Product @tag(name: "public") report: Report @tag(name: "internal") things: [Thing!]! }
type Mutation { order(input: OrderInput!): Product restock(id: ID!, by: Staff): Int @tag(name: "internal") }
type Product @key(fields: "id") {
  id: ID! @tag(name: "public")
  price(in: Currency = EUR, audit: AuditInput): Int @tag(name: "public")
  cost: Int @tag(name: "internal")
  seller: Seller
}
type Seller { name: String! }
type Report @tag(name: "internal") { total: Int }
enum Currency { EUR USD TEST @tag(name: "internal") }
input OrderInput { id: ID! note: String override: Staff }
input AuditInput { why: String }
input Staff @tag(name: "internal") { id: ID! }
union Thing = Product | Report
`;

const contract = (given: { include?: string[]; exclude?: string[]; hideUnreachable?: boolean }) => ({
  include: [],
  exclude: [],
  clients: [],
  hideUnreachable: true,
  ...given,
});

const composed = (sdl: string): string => {
  const { "shop.graphql": text = "" } = graphFiles({ shop: sdl });
  const composition = composeSubgraphs([{ name: "shop", url: "http://shop/", path: "shop.graphql", sdl: text }]);
  if (composition.kind === "failed") throw new Error(JSON.stringify(composition.errors));
  return composition.supergraphSdl;
};

/** The contract's API, as a router serves it. */
const apiOf = (sdl: string, given: Parameters<typeof contract>[0]): string => {
  const filtered = filterSupergraph(parse(composed(sdl)), contract(given));
  return printSchema(buildSchema(loadSupergraph(print(filtered)).facts.apiSdl));
};

describe("what a contract leaves", () => {
  it("is everything where it asks for nothing", () => {
    expect(apiOf(SHOP, { hideUnreachable: false })).toBe(
      printSchema(buildSchema(loadSupergraph(composed(SHOP)).facts.apiSdl)),
    );
  });

  it("leaves out what is excluded, what returns and takes it, and values and members of it", () => {
    const api = apiOf(SHOP, { exclude: ["internal"] });
    expect(api).not.toMatch(/cost|Report|report|restock|Staff|TEST|override/);
    expect(api).toContain("union Thing = Product");
    expect(api).toContain("seller: Seller");
    expect(api).toContain("input OrderInput {\n  id: ID!\n  note: String\n}");
  });

  it("keeps only what is included, with the leaves and inputs that it uses", () => {
    const api = apiOf(SHOP, { include: ["public"], exclude: ["internal"] });
    expect(api).toContain("type Product {\n  id: ID!\n  price(in: Currency = EUR, audit: AuditInput): Int\n}");
    expect(api).toContain("type Query {\n  product(id: ID!): Product\n}");
    expect(api).not.toMatch(/Mutation|Seller|Thing|OrderInput/);
  });

  it("marks nothing twice, and works without a tag in the whole graph", () => {
    const untagged = "type Query { a: Int b: Int @inaccessible }";
    expect(apiOf(untagged, { exclude: ["internal"] })).toBe("type Query {\n  a: Int\n}");
  });
});

describe("checking contracts", () => {
  let folder: GraphFolder;
  afterEach(() => folder.remove());

  const open = async (settings: string): Promise<void> => {
    folder = await openGraphFolder({ shop: SHOP });
    await folder.write({ "check.config.mjs": `export default { contracts: { public: ${settings} } };` });
    await folder.commit("before");
  };

  const told = async () => {
    const { out } = await folder.run(["check", "--base", "git:HEAD", "--format", "json", "--no-cache"]);
    const { findings } = JSON.parse(out) as {
      findings: { code: string; message: string; locations: { line: number }[] }[];
    };
    return findings.filter(({ code }) => code.startsWith("CONTRACT_"));
  };

  const change = (from: string, to: string): Promise<void> => {
    const { "shop.graphql": text = "" } = graphFiles({ shop: SHOP.replace(from, to) });
    return folder.write({ "shop.graphql": text });
  };

  it("says nothing of a change that the contract does not see, nor of one that the whole API has, too", async () => {
    await open('{ exclude: ["internal"] }');
    await change('cost: Int @tag(name: "internal")', "seller2: Seller");
    expect(await told()).toEqual([]);
  });

  it("tells of a field that only the contract loses", async () => {
    await open('{ exclude: ["internal"] }');
    await change("seller: Seller", 'seller: Seller @tag(name: "internal")');
    expect(await told()).toMatchObject(
      ["Product.seller", "Seller"].map((coordinate) => ({
        code: "CONTRACT_API_BREAKS",
        severity: "error",
        coordinate,
      })),
    );
  });

  it("tells of a field that the contract shows from now on", async () => {
    await open('{ exclude: ["internal"] }');
    await change('cost: Int @tag(name: "internal")', "cost: Int");
    expect(await told()).toMatchObject([{ code: "CONTRACT_API_GROWS", coordinate: "Product.cost" }]);
  });

  it("blocks for tags that leave no valid API", async () => {
    await open('{ exclude: ["internal"] }');
    await change("price(in: Currency = EUR,", 'price(in: Currency! @tag(name: "internal"),');
    expect(await told()).toMatchObject([
      { code: "CONTRACT_INVALID", coordinate: "public", message: expect.stringContaining("Product.price(in:)") },
    ]);
  });

  it("holds what its clients send against the contract, not the whole", async () => {
    await open('{ exclude: ["internal"], clients: ["web"] }');
    await folder.write({
      "operations/web/Cost.graphql": 'query Cost { product(id: "1") {\n  cost } }',
      "operations/office/Cost.graphql": 'query Cost { product(id: "1") { cost } }',
    });
    expect(await told()).toMatchObject([
      {
        code: "CONTRACT_OPERATION_BROKEN",
        coordinate: "web/Cost",
        locations: [{ path: "operations/web/Cost.graphql", line: 2, column: 3 }],
      },
    ]);
  });
});
