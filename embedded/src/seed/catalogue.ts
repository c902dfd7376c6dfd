import { type Department, departments, type Range, series } from "./assortment.ts";
import { createRandom, type Random, seededId } from "./random.ts";

export interface SeedCategory {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly parentId: string | null;
}

export interface SeedVariant {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly options: readonly { readonly name: string; readonly value: string }[];
  /** Minor units of the shop's currency. */
  readonly price: bigint;
  readonly weightGrams: number;
  readonly onHand: number;
}

export interface SeedProduct {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly status: "DRAFT" | "ACTIVE" | "ARCHIVED";
  readonly categoryIds: readonly string[];
  readonly createdAt: Date;
  readonly variants: readonly SeedVariant[];
}

export interface SeedCatalogue {
  readonly categories: readonly SeedCategory[];
  readonly products: readonly SeedProduct[];
}

const PRODUCTS_A_RANGE = 22;
const OPENING_DAY = Date.UTC(2024, 2, 1);
const DAY_MS = 86_400_000;

/** The shop's whole assortment: the same for every call. */
export const makeCatalogue = (): SeedCatalogue => {
  const random = createRandom(20_240_301);
  const categories: SeedCategory[] = [];
  const products: SeedProduct[] = [];
  for (const department of departments) {
    const parent = makeCategory(department, null, random);
    categories.push(parent);
    for (const range of department.ranges) {
      const category = makeCategory(range, parent.id, random);
      categories.push(category);
      products.push(...makeProducts(range, category, random));
    }
  }
  return { categories, products };
};

const makeCategory = ({ slug, name }: Department | Range, parentId: string | null, random: Random): SeedCategory => ({
  id: seededId("cat", new Date(OPENING_DAY), random),
  slug,
  name,
  parentId,
});

const makeProducts = (range: Range, category: SeedCategory, random: Random): SeedProduct[] => {
  const titles = range.nouns.flatMap((noun) => series.map((name) => `${name} ${noun}`));
  return random.sample(titles, PRODUCTS_A_RANGE).map((title, index) => {
    const createdAt = new Date(OPENING_DAY + random.integer(0, 800) * DAY_MS + random.integer(0, DAY_MS));
    return {
      id: seededId("prd", createdAt, random),
      slug: slugOf(title),
      title,
      description: describe(title, range, random),
      // One draft and one archived product a range, so that both can be seen (or not seen) at work.
      status: index === 0 ? "DRAFT" : index === 1 ? "ARCHIVED" : "ACTIVE",
      categoryIds: [category.id],
      createdAt,
      variants: makeVariants(title, range, createdAt, random),
    };
  });
};

const makeVariants = (title: string, range: Range, createdAt: Date, random: Random): SeedVariant[] => {
  const base = random.integer(Math.ceil(range.price[0] / 100), Math.floor(range.price[1] / 100)) * 100 - 10;
  const weight = random.integer(...range.weightGrams);
  const combinations = combine(range.options);
  const offered = random.sample(combinations, Math.min(combinations.length, random.integer(2, 5)));
  return combinations
    .filter((combination) => offered.includes(combination))
    .map((options, index) => ({
      id: seededId("var", createdAt, random),
      sku: `${skuPart(title)}-${options.map(({ value }) => skuPart(value)).join("-")}-${random.integer(100, 999)}`,
      title: options.map(({ value }) => value).join(" / "),
      options,
      price: BigInt(base + index * 50 * random.integer(0, Math.max(1, Math.floor(base / 2000)))),
      weightGrams: Math.round(weight * (1 + index * 0.06)),
      onHand: stockLevel(random),
    }));
};

/** One variant in twelve is sold out, one in eight runs low. */
const stockLevel = (random: Random): number => {
  const draw = random.fraction();
  if (draw < 1 / 12) return 0;
  if (draw < 1 / 12 + 1 / 8) return random.integer(1, 5);
  return random.integer(12, 240);
};

const combine = (options: Range["options"]): { name: string; value: string }[][] =>
  Object.entries(options).reduce<{ name: string; value: string }[][]>(
    (combinations, [name, values]) =>
      combinations.flatMap((combination) => values.map((value) => [...combination, { name, value }])),
    [[]],
  );

const describe = (title: string, range: Range, random: Random): string => {
  const material = random.pick(range.material);
  const opening = random.pick([
    `The ${title} is made of ${material}`,
    `Made of ${material}, the ${title} is a companion`,
    `${title}: ${material}, no more than it needs`,
  ]);
  const care = random.pick([
    "Repairs are free for five years.",
    "Every part can be replaced.",
    "Made in small runs, numbered by hand.",
    "Ships without plastic.",
    "Tested for two seasons before it went on sale.",
  ]);
  return `${opening}, for ${random.pick(range.use)}. ${care}`;
};

const withoutAccents = (text: string): string =>
  text
    .replaceAll("ø", "o")
    .replaceAll("Ø", "O")
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "");

const slugOf = (title: string): string =>
  withoutAccents(title)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

const skuPart = (text: string): string =>
  withoutAccents(text)
    .toUpperCase()
    .replace("−", "M")
    .replace("+", "P")
    .replace(/[^A-Z0-9]+/g, "")
    .slice(0, 8);
