import { hash } from "@node-rs/argon2";
import { seedOrders } from "@supergraph/orders/seed";
import { openDatabase } from "@supergraph/postgres";
import { lineTitle, type SeedCatalogue, seedProducts } from "@supergraph/products/seed";
import { newId } from "@supergraph/service";
import { seedUsers } from "@supergraph/users/seed";
import type { Account, Shop, Subgraph, Ware } from "./model.ts";

const PASSWORD = "buys-whatever-breaks";
const CUSTOMERS = 400;
const SUPPORT: Account = { id: newId("usr"), email: "support@example.com", password: PASSWORD };
/** Over so many rows sales spread that they rarely wait for each other. */
const PLENTIFUL = { products: 50, onHand: 100_000 };
const SCARCE = { products: 2, onHand: 3 };
const VARIANTS_A_PRODUCT = 4;
const CATEGORY = { id: newId("cat"), slug: "everything", name: "Everything", parentId: null };

/** Fills migrated, empty databases with goods and customers who can sign in. */
export const seedShop = async (databaseUrls: Readonly<Record<Subgraph, string>>): Promise<Shop> => {
  const now = new Date();
  const plentiful = makeProducts("Plain", PLENTIFUL, now);
  const scarce = makeProducts("Rare", SCARCE, now);
  const products = [...plentiful, ...scarce];
  const variantPrices = products.flatMap((product) =>
    product.variants.map((variant) => ({
      variantId: variant.id,
      productId: product.id,
      sku: variant.sku,
      title: lineTitle(product.title, variant.title),
      priceMinor: variant.price,
      weightGrams: variant.weightGrams,
      purchasable: true,
      version: 1,
    })),
  );
  const [, , customers] = await Promise.all([
    seedProducts(databaseUrls.products, { categories: [CATEGORY], products }),
    seedOrders(databaseUrls.orders, { variantPrices, orders: [] }),
    seedCustomers(databaseUrls.users, now),
  ]);
  return { customers, support: SUPPORT, plentiful: waresOf(plentiful), scarce: waresOf(scarce) };
};

type SeedProduct = SeedCatalogue["products"][number];

const makeProducts = (series: string, { products, onHand }: typeof PLENTIFUL, createdAt: Date): SeedProduct[] =>
  Array.from({ length: products }, (_, product) => ({
    id: newId("prd"),
    slug: `${series.toLowerCase()}-${product}`,
    title: `${series} Thing ${product}`,
    description: null,
    status: "ACTIVE",
    categoryIds: [CATEGORY.id],
    createdAt,
    variants: Array.from({ length: VARIANTS_A_PRODUCT }, (_, variant) => ({
      id: newId("var"),
      sku: `${series.toUpperCase()}-${product}-${variant}`,
      title: `No. ${variant}`,
      options: [{ name: "Number", value: String(variant) }],
      price: BigInt(500 + 100 * product + variant),
      weightGrams: 200 + 10 * product,
      onHand,
    })),
  }));

const waresOf = (products: readonly SeedProduct[]): Ware[] =>
  products.flatMap(({ variants }) => variants.map(({ id, onHand }) => ({ variantId: id, onHand })));

/** To compare a password with its hash is meant to be slow: not for hundreds who only want to shop. */
const QUICK = { memoryCost: 8, timeCost: 1, parallelism: 1 };

const seedCustomers = async (databaseUrl: string, createdAt: Date): Promise<Shop["customers"]> => {
  const customers = Array.from({ length: CUSTOMERS }, (_, index) => ({
    id: newId("usr"),
    email: `customer-${index}@example.com`,
    password: PASSWORD,
  }));
  const [first] = customers;
  if (!first) return [];
  await seedUsers(databaseUrl, [
    { ...first, name: null, roles: ["CUSTOMER"], createdAt, addresses: [] },
    { ...SUPPORT, name: null, roles: ["SUPPORT"], createdAt, addresses: [] },
  ]);
  const database = openDatabase({ url: databaseUrl, schema: {}, applicationName: "faults-seed", max: 1 });
  try {
    const others = customers.slice(1);
    await database.sql`update users set password_hash = ${await hash(PASSWORD, QUICK)}`;
    await database.sql`
      insert into users
      select (jsonb_populate_record(users, jsonb_build_object('id', other.id, 'email', other.email))).*
      from users, unnest(${others.map(({ id }) => id)}::text[], ${others.map(({ email }) => email)}::text[]) as other (id, email)
      where users.id = ${first.id}`;
  } finally {
    await database.close();
  }
  return customers;
};
