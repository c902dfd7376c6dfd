import { createTestDatabase, type TestDatabase } from "@supergraph/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isSeeded, seedProducts } from "./seed.ts";
import { migrateProducts } from "./server.ts";
import { aCatalogue, aCategory, aProduct, aVariant } from "./testing/catalogue.ts";

let database: TestDatabase;
let sql: postgres.Sql;
beforeAll(async () => {
  database = await createTestDatabase({ migrate: migrateProducts });
  sql = postgres(database.url, { max: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const root = aCategory();
const catalogue = aCatalogue({
  // Children first.
  categories: [...Array.from({ length: 15 }, () => aCategory({ parentId: root.id })), root],
  products: Array.from({ length: 600 }, () =>
    aProduct({
      categoryIds: [root.id],
      variants: [aVariant({ price: 500n }), aVariant(), aVariant({ price: 9_999n })],
    }),
  ),
});

const counts = async () => {
  const [row] = await sql`select
    (select count(*)::int from categories) as categories, (select count(*)::int from products) as products,
    (select count(*)::int from variants where version = 1) as variants, (select sum(on_hand)::int from stock) as pieces,
    (select count(*)::int from product_categories) as links, (select count(*)::int from outbox) as messages,
    (select count(*)::int from products where min_price = 500 and max_price = 9999 and search_text <> '') as derived`;
  return { ...row };
};

const expected = {
  categories: 16,
  products: 600,
  variants: 1_800,
  pieces: 18_000,
  links: 600,
  messages: 0,
  derived: 600,
};

it("fills an empty database at once, with what the products derive from their variants, and tells nobody", async () => {
  expect(await isSeeded(database.url)).toBe(false);
  await seedProducts(database.url, catalogue);
  expect(await isSeeded(database.url)).toBe(true);
  expect(await counts()).toEqual(expected);
});

it("changes nothing when it is repeated", async () => {
  await sql`update stock set on_hand = 9 where variant_id = ${catalogue.products[0]?.variants[0]?.id ?? ""}`;
  await seedProducts(database.url, catalogue);
  expect(await counts()).toEqual({ ...expected, pieces: 17_999 });
});

it("takes a catalogue without anything in it", async () => {
  await seedProducts(database.url, aCatalogue());
  expect(await counts()).toEqual({ ...expected, pieces: 17_999 });
});
