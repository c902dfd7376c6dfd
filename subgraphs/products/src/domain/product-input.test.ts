import { describe, expect, it } from "vitest";
import { type ProductInput, readProduct, type VariantInput } from "./product-input.ts";

const aVariant = (variant: Partial<VariantInput> = {}): VariantInput => ({
  sku: "LAMP-1",
  title: "Black",
  price: "19.99",
  currency: "EUR",
  ...variant,
});

const anInput = (input: Partial<ProductInput> = {}): ProductInput => ({
  slug: "desk-lamp",
  title: "Desk lamp",
  status: "ACTIVE",
  variants: [aVariant()],
  ...input,
});

const pathsOf = (input: ProductInput): (string | undefined)[] => {
  const read = readProduct(input);
  return read.kind === "refused"
    ? read.problems.map(({ code, path }) => {
        expect(code).toBe("INVALID");
        return path?.join(".");
      })
    : [];
};

describe("a product as a merchant writes it", () => {
  it("is read with its prices in cents and without blanks around its texts", () => {
    expect(
      readProduct(
        anInput({
          title: "  Lámpara 💡 ",
          description: "Line one\n\tLine two ",
          variants: [aVariant({ price: "20" })],
        }),
      ),
    ).toEqual({
      kind: "product",
      product: {
        slug: "desk-lamp",
        title: "Lámpara 💡",
        description: "Line one\n\tLine two",
        status: "ACTIVE",
        variants: [{ id: null, sku: "LAMP-1", title: "Black", price: 2_000n, currency: "EUR" }],
      },
    });
  });

  it.each([undefined, null, "", "  "])("has no description when it is %j", (description) => {
    expect(readProduct(anInput({ description }))).toMatchObject({ product: { description: null } });
  });

  it.each([
    "",
    "Desk",
    "desk lamp",
    "-desk",
    "desk-",
    "desk--lamp",
    "désk",
    "desk_lamp",
    "a".repeat(101),
    "desk\n",
    "desk\0",
  ])("is refused for the slug %j", (slug) => {
    expect(pathsOf(anInput({ slug }))).toEqual(["input.slug"]);
  });

  it.each([
    "",
    " ",
    "a".repeat(201),
    "💡".repeat(201),
    "a\0",
    "a\nb",
    "a\ud800",
    "x".repeat(1_000_000),
  ])("is refused for a title that is empty, too long or broken (%#)", (title) => {
    expect(pathsOf(anInput({ title }))).toEqual(["input.title"]);
    expect(pathsOf(anInput({ variants: [aVariant({ title })] }))).toEqual(["input.variants.0.title"]);
  });

  it("may have a title of 200 characters, each emoji one of them", () => {
    expect(pathsOf(anInput({ title: "💡".repeat(200) }))).toEqual([]);
  });

  it("is refused for a description that is too long or has control characters", () => {
    expect(pathsOf(anInput({ description: "a".repeat(10_001) }))).toEqual(["input.description"]);
    expect(pathsOf(anInput({ description: "a\0b" }))).toEqual(["input.description"]);
  });

  it("has from 1 to 100 variants", () => {
    const variants = (count: number) => Array.from({ length: count }, (_, i) => aVariant({ sku: `S-${i}` }));
    expect(pathsOf(anInput({ variants: [] }))).toEqual(["input.variants"]);
    expect(pathsOf(anInput({ variants: variants(100) }))).toEqual([]);
    expect(pathsOf(anInput({ variants: variants(101) }))).toEqual(["input.variants"]);
  });

  it.each(["", "a b", "-a", "ä", "a~", "a".repeat(65), "a\0"])("is refused for the SKU %j", (sku) => {
    expect(pathsOf(anInput({ variants: [aVariant({ sku })] }))).toEqual(["input.variants.0.sku"]);
  });

  it.each([
    "0",
    "0.00",
    "-1",
    "19.999",
    "1e3",
    "",
    "NaN",
    "1".repeat(25),
    "99999999999999999999",
  ])("is refused for the price %j", (price) => {
    expect(pathsOf(anInput({ variants: [aVariant({ price })] }))).toEqual(["input.variants.0.price"]);
  });

  it.each(["USD", "eur", "", "XXX"])("is refused for the currency %j", (currency) => {
    expect(pathsOf(anInput({ variants: [aVariant({ currency })] }))).toEqual(["input.variants.0.currency"]);
  });

  it("is refused when a SKU or a variant comes twice, at the second one", () => {
    expect(
      pathsOf(
        anInput({
          variants: [aVariant({ id: "var_1" }), aVariant({ sku: "OTHER" }), aVariant({ id: "var_1" })],
        }),
      ),
    ).toEqual(["input.variants.2.sku", "input.variants.2.id"]);
  });

  it("is told everything that is wrong at once", () => {
    expect(
      pathsOf(
        anInput({ slug: "!", title: "", variants: [aVariant(), aVariant({ sku: "B", price: "0", currency: "USD" })] }),
      ),
    ).toEqual(["input.slug", "input.title", "input.variants.1.price", "input.variants.1.currency"]);
  });
});
