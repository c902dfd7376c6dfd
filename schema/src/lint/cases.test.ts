import { describe, expect, it } from "vitest";
import { camelCase, isCamelCase, isPascalCase, isScreamingSnakeCase, pascalCase, screamingSnakeCase } from "./cases.ts";

describe("cases of names", () => {
  it.each(["Product", "URL", "SKUCount", "ISO8601Date", "A", "P2"])("takes %s for PascalCase", (name) => {
    expect(isPascalCase(name)).toBe(true);
  });

  it.each(["product", "Order_Line", "_Product", "ORDER_LINE", "2Phase"])("does not take %s for PascalCase", (name) => {
    expect(isPascalCase(name)).toBe(false);
  });

  it.each(["price", "priceOfOne", "line1", "htmlURL", "x"])("takes %s for camelCase", (name) => {
    expect(isCamelCase(name)).toBe(true);
  });

  it.each(["Price", "price_of_one", "_id", "ID"])("does not take %s for camelCase", (name) => {
    expect(isCamelCase(name)).toBe(false);
  });

  it.each([
    "OPEN",
    "OUT_OF_STOCK",
    "SIZE_1",
    "P2P",
    "_2XL",
    "_3D_PRINT",
  ])("takes %s for SCREAMING_SNAKE_CASE", (name) => {
    expect(isScreamingSnakeCase(name)).toBe(true);
  });

  it.each([
    "open",
    "Open",
    "OUT__OF",
    "OUT_",
    "_OUT",
    "OutOfStock",
  ])("does not take %s for SCREAMING_SNAKE_CASE", (name) => {
    expect(isScreamingSnakeCase(name)).toBe(false);
  });

  it.each([
    ["order_line", "OrderLine", "orderLine", "ORDER_LINE"],
    ["OrderLine", "OrderLine", "orderLine", "ORDER_LINE"],
    ["ORDER_LINE", "OrderLine", "orderLine", "ORDER_LINE"],
    ["outOfStock", "OutOfStock", "outOfStock", "OUT_OF_STOCK"],
    ["URLOfShop", "URLOfShop", "urlOfShop", "URL_OF_SHOP"],
    ["_id", "Id", "id", "ID"],
    ["line_1", "Line1", "line1", "LINE_1"],
  ])("writes %s as %s, %s and %s", (name, pascal, camel, screaming) => {
    expect([pascalCase(name), camelCase(name), screamingSnakeCase(name)]).toEqual([pascal, camel, screaming]);
  });
});
