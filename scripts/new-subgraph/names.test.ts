import { describe, expect, it } from "vitest";
import { deriveNames } from "./names.ts";

const names = (name: string, more: { entity?: string; owner?: string; prefix?: string } = {}) =>
  deriveNames({ owner: "Product", ...more, name });

describe("names of a new subgraph", () => {
  it("are derived from its own", () => {
    expect(names("reviews")).toMatchObject({
      subgraph: { pascal: "Reviews", camel: "reviews", kebab: "reviews", snake: "reviews" },
      entity: { pascal: "Review", camel: "review", words: "review" },
      entities: { pascal: "Reviews", camel: "reviews", snake: "reviews" },
      owner: { pascal: "Product", camel: "product", snake: "product" },
      owners: { words: "products" },
      prefix: "rev",
    });
  });

  it("are spelt for code, files, tables and prose where they have several words", () => {
    expect(names("vouchers", { entity: "GiftCard", owner: "ProductVariant" })).toMatchObject({
      subgraph: { pascal: "Vouchers", kebab: "vouchers" },
      entity: { pascal: "GiftCard", camel: "giftCard", kebab: "gift-card", snake: "gift_card", words: "gift card" },
      entities: { pascal: "GiftCards", camel: "giftCards", kebab: "gift-cards", snake: "gift_cards" },
      owner: { camel: "productVariant", snake: "product_variant" },
      prefix: "gif",
    });
  });

  it.each([
    ["reviews", "Review", "Reviews"],
    ["categories", "Category", "Categories"],
    ["boxes", "Box", "Boxes"],
    ["wishes", "Wish", "Wishes"],
    ["toys", "Toy", "Toys"],
    ["addresses", "Address", "Addresses"],
  ])("know one of the %s as %s, and many as %s", (name, one, many) => {
    const { entity, entities } = names(name);
    expect([entity.pascal, entities.pascal]).toEqual([one, many]);
  });

  it("take what is given in place of what would be derived", () => {
    const { subgraph, entity, entities, prefix } = names("inventory", { entity: "StockItem", prefix: "item" });
    expect([subgraph.kebab, entity.pascal, entities.camel, prefix]).toEqual([
      "inventory",
      "StockItem",
      "stockItems",
      "item",
    ]);
  });

  it.each([
    ["no name", ""],
    ["capitals", "Reviews"],
    ["a path", "../reviews"],
    ["a hyphen", "gift-cards"],
    ["an underscore", "gift_cards"],
    ["a digit in front", "2reviews"],
    ["a space", "my reviews"],
    ["letters that are not ASCII", "bewertüngs"],
    ["too much of it", "x".repeat(41)],
    ["the name of another process", "router"],
    ["no plural", "inventory"],
    ["what the generated code calls otherwise", "pages"],
  ])("are refused for %s", (_what, name) => {
    expect(() => names(name)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });

  it.each([
    { entity: "review" },
    { entity: "Query" },
    { entity: "Product" },
    { entity: "Re view" },
    { owner: "product" },
    { prefix: "r" },
    { prefix: "REV" },
    { prefix: "rev_" },
  ])("are refused with %j", (more) => {
    expect(() => names("reviews", more)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });
});
