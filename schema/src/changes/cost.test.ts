import { describe, expect, it } from "vitest";
import { costFindings } from "./cost.ts";
import { comparisonOf, type Subgraphs, told } from "./testing/comparison.ts";

const between = async (base: Subgraphs, head: Subgraphs) => costFindings(await comparisonOf({ base, head }));

const SHOP = `type Query { products(first: Int, last: Int, sort: Sort): [Product] }
type Mutation { touch: Int }
type Product @key(fields: "id") { id: ID! related: [Product] }
enum Sort { UP }`;

const shop = (what: string, directive: string): Subgraphs => {
  if (!SHOP.includes(what)) throw new Error(`there is no ${what}`);
  return { shop: SHOP.replace(what, `${what} ${directive}`) };
};

describe("a weight", () => {
  it("that grows is a warning with what it was", async () => {
    const [finding, ...more] = await between(
      shop("related: [Product]", "@cost(weight: 2)"),
      shop("related: [Product]", "@cost(weight: 5)"),
    );
    expect(more).toEqual([]);
    expect(finding && told(finding)).toBe(
      "COST_WEIGHT_RAISED warning Product.related [shop] shop.graphql:4:62 shop.graphql:4:62(base)",
    );
    expect(finding?.message).toBe("Product.related weighs 5, and did 2.");
  });

  it("that shrinks is told", async () => {
    expect(
      (await between(shop("type Product", "@cost(weight: 5)"), shop("type Product", "@cost(weight: 2)"))).map(told),
    ).toEqual(["COST_WEIGHT_LOWERED info Product [shop] shop.graphql:4:14 shop.graphql:4:14(base)"]);
  });

  it("that is new, or gone, is held against what holds where nothing is said", async () => {
    const bare = { shop: SHOP };
    const at = async (what: string, weight: number, way: "added" | "removed" = "added") => {
      const stated = shop(what, `@cost(weight: ${weight})`);
      const findings = way === "added" ? await between(bare, stated) : await between(stated, bare);
      return findings.map(({ code, message }) => `${code}: ${message}`);
    };
    expect(await at("related: [Product]", 3)).toEqual(["COST_WEIGHT_RAISED: Product.related weighs 3, and did 1."]);
    expect(await at("related: [Product]", 0)).toEqual(["COST_WEIGHT_LOWERED: Product.related weighs 0, and did 1."]);
    expect(await at("related: [Product]", 1)).toEqual([]);
    expect(await at("touch: Int", 20)).toEqual(["COST_WEIGHT_RAISED: Mutation.touch weighs 20, and did 10."]);
    expect(await at("sort: Sort", 1)).toEqual(["COST_WEIGHT_RAISED: Query.products(sort:) weighs 1, and did 0."]);
    expect(await at("enum Sort", 1, "removed")).toEqual(["COST_WEIGHT_LOWERED: Sort weighs 0, and did 1."]);
  });

  it("is that of the subgraph that says most", async () => {
    const other = `type Product @key(fields: "id") { id: ID! stock: Int @shareable @cost(weight: 9) }`;
    const of = (weight: number) => ({
      shop: SHOP.replace("id: ID!", `id: ID! stock: Int @shareable @cost(weight: ${weight})`),
      other,
    });
    expect(await between(of(1), of(5))).toEqual([]);
    expect((await between(of(1), of(12))).map(({ message }) => message)).toEqual([
      "Product.stock weighs 12, and did 9.",
    ]);
  });
});

describe("the size of a list", () => {
  const LIST = "sort: Sort): [Product]";

  it("is told when it is said, and as a warning when it no longer is", async () => {
    const stated = shop(LIST, '@listSize(slicingArguments: ["first"])');
    expect((await between({ shop: SHOP }, stated)).map(told)).toEqual([
      "COST_LIST_SIZE_ADDED info Query.products [shop] shop.graphql:2:69",
    ]);
    expect((await between(stated, { shop: SHOP })).map(told)).toEqual([
      "COST_LIST_SIZE_REMOVED warning Query.products [shop] shop.graphql:2:69(base) shop.graphql:2:14",
    ]);
  });

  it("is told when it grows, shrinks or is reckoned otherwise", async () => {
    const by = async (before: string, after: string) => {
      const [finding] = await between(shop(LIST, `@listSize(${before})`), shop(LIST, `@listSize(${after})`));
      return `${finding?.severity} ${finding?.code}: ${finding?.message}`;
    };
    expect(await by("assumedSize: 5", "assumedSize: 50")).toBe(
      "warning COST_LIST_SIZE_RAISED: Query.products has by its @listSize assumedSize: 50, and had assumedSize: 5.",
    );
    expect(await by("assumedSize: 50", "assumedSize: 5")).toContain("info COST_LIST_SIZE_LOWERED");
    expect(await by("assumedSize: 5", 'assumedSize: 5, slicingArguments: ["first"]')).toContain(
      "warning COST_LIST_SIZE_CHANGED",
    );
  });

  it("is the same in another order", async () => {
    expect(
      await between(
        shop(LIST, '@listSize(assumedSize: 5, slicingArguments: ["first"])'),
        shop(LIST, '@listSize(slicingArguments: ["first"], assumedSize: 5)'),
      ),
    ).toEqual([]);
  });
});
