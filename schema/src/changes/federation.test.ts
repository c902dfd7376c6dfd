import { describe, expect, it } from "vitest";
import { federationFindings } from "./federation.ts";
import { type Case, comparisonOf, type Subgraphs, told } from "./testing/comparison.ts";

const PRODUCTS = `type Query { product: Product }
type Product @key(fields: "id") { id: ID! sku: String! price: Int }`;
const PRICING = `type Product @key(fields: "id") { id: ID! tax: Int }`;

const findingsOf = async (given: Case) => federationFindings(await comparisonOf(given));
const toldOf = async (base: Subgraphs, head: Subgraphs, more: Partial<Case> = {}) =>
  (await findingsOf({ base, head, ...more })).map(told);

/** What follows when in `products` one text becomes another. */
const change = (from: string, to: string, { products = PRODUCTS, ...others }: Subgraphs = { pricing: PRICING }) => {
  if (!products.includes(from)) throw new Error(`there is no ${from}`);
  return toldOf({ products, ...others }, { products: products.replace(from, to), ...others });
};

describe("keys", () => {
  it("that are added are told, at their place", async () => {
    expect(await change("type Product @key", 'type Product @key(fields: "sku") @key')).toEqual([
      "FEDERATION_KEY_ADDED info Product [products] products.graphql:3:14",
    ]);
  });

  it("that are removed are a warning at their place in the base, though others are left", async () => {
    const products = PRODUCTS.replace("type Product @key", 'type Product @key(fields: "sku") @key');
    expect(await toldOf({ products, pricing: PRICING }, { products: PRODUCTS, pricing: PRICING })).toEqual([
      "FEDERATION_KEY_REMOVED warning Product [products] products.graphql:3:14(base) products.graphql:3:6",
    ]);
  });

  it("that change are told with both", async () => {
    const [finding, ...more] = await findingsOf({
      base: { products: PRODUCTS },
      head: { products: PRODUCTS.replace('fields: "id"', 'fields: "id sku"') },
    });
    expect(more).toEqual([]);
    expect(finding?.message).toBe('products is asked for Product by "id sku", and was by "id".');
    expect(finding && told(finding)).toBe(
      "FEDERATION_KEY_CHANGED warning Product [products] products.graphql:3:14 products.graphql:3:14(base)",
    );
  });

  it("are the same in another order, with other blanks, and under another name of the directive", async () => {
    const named = (link: string, key: string) => ({
      products: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9"${link})\n${PRODUCTS.replace('@key(fields: "id")', key)}`,
    });
    expect(
      await toldOf(
        named(', import: ["@key"]', '@key(fields: "sku id")'),
        named(', import: [{ name: "@key", as: "@entity" }]', '@entity(fields: "id,  sku")'),
      ),
    ).toEqual([]);
    expect(
      await toldOf(named(', import: ["@key"]', '@key(fields: "id")'), named("", '@federation__key(fields: "sku")')),
    ).toEqual(["FEDERATION_KEY_CHANGED warning Product [products] products.graphql:3:14 products.graphql:3:14(base)"]);
  });

  it("that are no longer resolvable, or become so, are told", async () => {
    const stub = PRICING.replace('"id")', '"id", resolvable: false)').replace("tax: Int", "");
    const full = PRICING.replace("tax: Int", "");
    const use = "extend type Query { cheap: Product }\n";
    expect(
      await toldOf({ products: PRODUCTS, pricing: use + full }, { products: PRODUCTS, pricing: use + stub }),
    ).toEqual([
      "FEDERATION_KEY_NO_LONGER_RESOLVABLE warning Product [pricing] pricing.graphql:3:14 pricing.graphql:3:14(base)",
    ]);
    expect(
      await toldOf({ products: PRODUCTS, pricing: use + stub }, { products: PRODUCTS, pricing: use + full }),
    ).toEqual(["FEDERATION_KEY_BECAME_RESOLVABLE info Product [pricing] pricing.graphql:3:14"]);
  });
});

describe("entities", () => {
  it("that no subgraph has a key for any more are an error, told once", async () => {
    const two = {
      products: PRODUCTS,
      pricing: 'type Query { cheap: Product }\ntype Product @key(fields: "id") { id: ID! }',
    };
    const none = {
      products: "type Query { product: Product }\ntype Product @shareable { id: ID! sku: String! price: Int }",
      pricing: "type Query { cheap: Price }\ntype Price { id: ID! }",
    };
    const findings = await toldOf(two, none);
    expect(findings.filter((line) => line.startsWith("FEDERATION_ENTITY"))).toEqual([
      "FEDERATION_ENTITY_LOST error Product [pricing products] products.graphql:3:14(base) pricing.graphql:3:14(base) products.graphql:3:6",
    ]);
  });

  it("that a subgraph contributes to no longer, or from now on, are told for it", async () => {
    const out = { products: PRODUCTS, pricing: "type Query { rate: Int }" };
    const within = { products: PRODUCTS, pricing: `type Query { rate: Int }\n${PRICING}` };
    expect(await toldOf(within, out)).toEqual([
      "FEDERATION_ENTITY_LOST_IN_SUBGRAPH warning Product [pricing] pricing.graphql:3:14(base)",
    ]);
    expect(await toldOf(out, within)).toEqual(["FEDERATION_ENTITY_ADDED info Product [pricing] pricing.graphql:3:14"]);
  });

  it("that are new to the graph, or gone from it, are the API's matter", async () => {
    const with2 = `${PRODUCTS}\ntype Shop @key(fields: "id") { id: ID! }\nextend type Query { shop: Shop }`;
    expect(await toldOf({ products: PRODUCTS }, { products: with2 })).toEqual([]);
    expect(await toldOf({ products: with2 }, { products: PRODUCTS })).toEqual([]);
  });
});

describe("who resolves a field", () => {
  const withPrice = PRICING.replace("tax: Int", "tax: Int price: Int");
  const noPrice = PRODUCTS.replace(" price: Int", "");
  const overriding = PRICING.replace("tax: Int", 'tax: Int price: Int @override(from: "products")');

  it("is told as a move where it changed at once", async () => {
    const [finding, ...more] = await findingsOf({
      base: { products: PRODUCTS, pricing: PRICING },
      head: { products: noPrice, pricing: withPrice },
    });
    expect(more).toEqual([]);
    expect(finding && told(finding)).toBe(
      "FEDERATION_FIELD_MOVED warning Product.price [pricing products] pricing.graphql:2:52 products.graphql:3:56(base)",
    );
    expect(finding?.message).toBe("Product.price is resolved by pricing, and was by products, without @override.");
  });

  it("is told as a move where the former owner still refers to the field", async () => {
    expect(
      await toldOf(
        { products: PRODUCTS.replace("price: Int", "price: Int net: Int"), pricing: PRICING },
        {
          products: PRODUCTS.replace("price: Int", 'price: Int @external net: Int @requires(fields: "price")'),
          pricing: withPrice,
        },
      ),
    ).toEqual([
      "FEDERATION_FIELD_MOVED warning Product.price [pricing products] pricing.graphql:2:52 products.graphql:3:56(base)",
      "FEDERATION_REQUIRES_ADDED warning Product.net [products] products.graphql:3:86",
    ]);
  });

  it("is told as taken over with @override, and then as left", async () => {
    const before = { products: PRODUCTS, pricing: PRICING };
    const during = { products: PRODUCTS, pricing: overriding };
    const after = { products: noPrice, pricing: overriding };
    const done = { products: noPrice, pricing: withPrice };
    expect(await toldOf(before, during)).toEqual([
      "FEDERATION_OVERRIDE_ADDED warning Product.price [pricing products] pricing.graphql:2:63",
    ]);
    expect(await toldOf(during, after)).toEqual([]);
    expect(await toldOf(after, done)).toEqual([
      "FEDERATION_OVERRIDE_REMOVED info Product.price [pricing products] pricing.graphql:2:63(base) pricing.graphql:2:52",
    ]);
    expect(await toldOf(during, before)).toEqual([
      "FEDERATION_OVERRIDE_REMOVED warning Product.price [pricing products] pricing.graphql:2:63(base)",
    ]);
  });

  it("is told by the share of the requests where that is what changes", async () => {
    const labelled = (label: string) => overriding.replace('"products")', `"products", label: "${label}")`);
    const at = async (from: string, to: string) =>
      findingsOf({ base: { products: PRODUCTS, pricing: from }, head: { products: PRODUCTS, pricing: to } });
    const [raised] = await at(labelled("percent(1)"), labelled("percent(50)"));
    expect(raised && told(raised)).toBe(
      "FEDERATION_OVERRIDE_LABEL_CHANGED warning Product.price [pricing products] pricing.graphql:2:63 pricing.graphql:2:63(base)",
    );
    expect(raised?.message).toBe(
      "pricing resolves Product.price instead of products where percent(50) holds, and did where percent(1) holds.",
    );
    const [whole] = await at(labelled("percent(50)"), overriding);
    expect(whole?.message).toBe(
      "pricing resolves Product.price instead of products always, and did where percent(50) holds.",
    );
    const [began] = await at(PRICING, labelled("percent(1)"));
    expect(began?.message).toBe("pricing resolves Product.price instead of products where percent(1) holds.");
  });

  it("is told as a change where what was taken over in part is left at once", async () => {
    const partly = overriding.replace('"products")', '"products", label: "percent(5)")');
    expect(await toldOf({ products: PRODUCTS, pricing: partly }, { products: noPrice, pricing: withPrice })).toEqual([
      "FEDERATION_OVERRIDE_REMOVED warning Product.price [pricing products] pricing.graphql:2:63(base) pricing.graphql:2:52",
    ]);
  });

  it("is told where it is taken over from another", async () => {
    const catalog = PRICING.replace("tax: Int", "name: String price: Int");
    const from = (name: string) => PRICING.replace("tax: Int", `tax: Int price: Int @override(from: "${name}")`);
    expect(
      await toldOf(
        { products: PRODUCTS, pricing: from("products"), catalog: catalog.replace(" price: Int", "") },
        { products: noPrice, pricing: from("catalog"), catalog },
      ),
    ).toEqual([
      "FEDERATION_OVERRIDE_SOURCE_CHANGED warning Product.price [catalog pricing products] pricing.graphql:2:63 pricing.graphql:2:63(base)",
    ]);
  });

  it("is told where others come to share it, or no longer do", async () => {
    const shared = (sdl: string) => sdl.replace("price: Int", "price: Int @shareable");
    const one = { products: shared(PRODUCTS), pricing: PRICING };
    const both = { products: shared(PRODUCTS), pricing: shared(withPrice) };
    expect(await toldOf(one, both)).toEqual([
      "FEDERATION_FIELD_SHARED info Product.price [pricing] pricing.graphql:2:52",
    ]);
    expect(await toldOf(both, one)).toEqual([
      "FEDERATION_FIELD_NO_LONGER_SHARED info Product.price [pricing] pricing.graphql:2:52(base)",
    ]);
  });

  it("is told by the key alone where a field is but part of one", async () => {
    const bySku = 'type Product @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! tax: Int }';
    const products = PRODUCTS.replace("type Product @key", 'type Product @key(fields: "sku") @key');
    expect(await toldOf({ products, pricing: PRICING }, { products, pricing: bySku })).toEqual([
      "FEDERATION_KEY_ADDED info Product [pricing] pricing.graphql:2:33",
    ]);
  });

  it("is told of root fields where a subgraph calls the root type otherwise", async () => {
    const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@override"])`;
    const one = (fields: string) => `${link} { query: Root }\ntype Root { a: Int ${fields} }`;
    const other = (fields: string) => `${link}\ntype Query { c: Int ${fields} }`;
    expect(await toldOf({ one: one("b: Int"), other: other("") }, { one: one(""), other: other("b: Int") })).toEqual([
      "FEDERATION_FIELD_MOVED warning Query.b [one other] other.graphql:2:21 one.graphql:2:20(base)",
    ]);
  });

  it("is told by the type where a subgraph comes to have a whole value type", async () => {
    const money = "\ntype Money @shareable { amount: Int currency: String }";
    const products = `${PRODUCTS}${money}\nextend type Product { cost: Money }`;
    const pricing = PRICING.replace("tax: Int", "tax: Int net: Money") + money;
    expect(await toldOf({ products, pricing: PRICING }, { products, pricing })).toEqual([
      "FEDERATION_TYPE_SHARED info Money [pricing] pricing.graphql:3:6",
    ]);
    expect(await toldOf({ products, pricing }, { products, pricing: PRICING })).toEqual([
      "FEDERATION_TYPE_NO_LONGER_SHARED info Money [pricing] pricing.graphql:3:6(base)",
    ]);
  });
});

describe("directives on what was there before", () => {
  it("are told for @shareable, by the type where it says it for all its fields", async () => {
    expect(await change("price: Int", "price: Int @shareable")).toEqual([
      "FEDERATION_SHAREABLE_ADDED info Product.price [products] products.graphql:3:67",
    ]);
    const money = { products: `${PRODUCTS}\ntype Money { a: Int b: Int }\nextend type Product { cost: Money }` };
    expect(await change("type Money", "type Money @shareable", money)).toEqual([
      "FEDERATION_SHAREABLE_ADDED info Money [products] products.graphql:4:12",
    ]);
    expect(
      await change("type Money @shareable", "type Money", {
        products: money.products.replace("type Money", "type Money @shareable"),
      }),
    ).toEqual(["FEDERATION_SHAREABLE_REMOVED info Money [products] products.graphql:4:12(base) products.graphql:4:6"]);
  });

  it("are no change where @shareable moves from a type to each of its fields", async () => {
    expect(
      await change("type Money @shareable { a: Int b: Int }", "type Money { a: Int @shareable b: Int @shareable }", {
        products: `${PRODUCTS}\ntype Money @shareable { a: Int b: Int }\nextend type Product { cost: Money }`,
      }),
    ).toEqual([]);
  });

  const SHIPPING = `type Query { rate: Int }
type Product @key(fields: "id") { id: ID! price: Int @external tax: Int @external fee: Int @requires(fields: "tax") cost: Int @requires(fields: "price") best: Product @provides(fields: "price") }`;
  const others = { other: PRODUCTS.replace("price: Int", "price: Int @shareable tax: Int @shareable") };

  it("are told for @requires and @provides", async () => {
    const from = (text: string, to: string) => change(text, to, { products: SHIPPING, ...others });
    expect(await from(' @requires(fields: "price")', "")).toEqual([
      "FEDERATION_REQUIRES_REMOVED info Product.cost [products] products.graphql:3:127(base) products.graphql:3:117",
    ]);
    expect(await from('@requires(fields: "price")', '@requires(fields: "tax price")')).toEqual([
      "FEDERATION_REQUIRES_CHANGED warning Product.cost [products] products.graphql:3:127 products.graphql:3:127(base)",
    ]);
    expect(
      await change("best: Product", 'best: Product @provides(fields: "price")', {
        products: SHIPPING.replace(' @provides(fields: "price")', ""),
        ...others,
      }),
    ).toEqual(["FEDERATION_PROVIDES_ADDED info Product.best [products] products.graphql:3:168"]);
    expect(await from(' @provides(fields: "price")', "")).toEqual([
      "FEDERATION_PROVIDES_REMOVED warning Product.best [products] products.graphql:3:168(base) products.graphql:3:154",
    ]);
    expect(await from('@provides(fields: "price")', '@provides(fields: "tax")')).toEqual([
      "FEDERATION_PROVIDES_CHANGED warning Product.best [products] products.graphql:3:168 products.graphql:3:168(base)",
    ]);
  });

  it("are told where a subgraph stops resolving what another does too, and where it begins to", async () => {
    const external = `type Query { rate: Int }\ntype Product @key(fields: "id") { id: ID! price: Int @external cost: Int @requires(fields: "price") }`;
    const own = external.replace("price: Int @external", "price: Int @shareable").replace(/ @requires.*\)/, "");
    const other = { other: PRODUCTS.replace("price: Int", "price: Int @shareable") };
    expect(
      (await toldOf({ products: own, ...other }, { products: external, ...other })).filter((line) =>
        line.includes("EXTERNAL"),
      ),
    ).toEqual(["FEDERATION_EXTERNAL_ADDED warning Product.price [products] products.graphql:3:54"]);
    expect(
      (await toldOf({ products: external, ...other }, { products: own, ...other })).filter((line) =>
        line.includes("EXTERNAL"),
      ),
    ).toEqual([
      "FEDERATION_EXTERNAL_REMOVED info Product.price [products] products.graphql:3:54(base) products.graphql:3:43",
    ]);
  });

  it("are told for @inaccessible where it hides something, and where its end shows nothing", async () => {
    expect(await change("price: Int", "price: Int @inaccessible")).toEqual([
      "FEDERATION_INACCESSIBLE_ADDED info Product.price [products] products.graphql:3:67",
    ]);
    const hiding = PRODUCTS.replace("price: Int", "price: Int @inaccessible");
    expect(await toldOf({ products: hiding }, { products: PRODUCTS })).toEqual([]);
    const shared = (sdl: string) => sdl.replace("price: Int", "price: Int @shareable");
    const other = PRICING.replace("tax: Int", "tax: Int price: Int @shareable @inaccessible");
    expect(
      await toldOf({ products: shared(hiding), pricing: other }, { products: shared(PRODUCTS), pricing: other }),
    ).toEqual([
      "FEDERATION_INACCESSIBLE_REMOVED info Product.price [products] products.graphql:3:78(base) products.graphql:3:56",
    ]);
  });

  it("are told for tags, as a warning where a contract is made by them", async () => {
    const tagged = PRODUCTS.replace("price: Int", 'price: Int @tag(name: "internal")');
    expect(await toldOf({ products: PRODUCTS }, { products: tagged })).toEqual([
      "FEDERATION_TAG_ADDED info Product.price [products] products.graphql:3:67",
    ]);
    const [removed] = await findingsOf({
      base: { products: tagged },
      head: { products: PRODUCTS },
      contracts: { partners: { exclude: ["internal"] } },
    });
    expect(removed && told(removed)).toBe(
      "FEDERATION_TAG_REMOVED warning Product.price [products] products.graphql:3:67(base) products.graphql:3:56",
    );
    expect(removed?.details).toEqual(["Contracts that are made by this tag: partners."]);
  });

  it("are told for @interfaceObject", async () => {
    const media = `type Query { media: Media }\ninterface Media @key(fields: "id") { id: ID! }\ntype Book implements Media @key(fields: "id") { id: ID! }`;
    const plain = `type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }`;
    const own = `interface Media @key(fields: "id") { id: ID! stars: Int }\ntype Book implements Media @key(fields: "id") { id: ID! stars: Int }`;
    const base = { media, reviews: plain };
    const head = { media, reviews: own };
    expect((await toldOf(base, head)).filter((line) => line.includes("INTERFACE"))).toEqual([
      "FEDERATION_INTERFACE_OBJECT_REMOVED warning Media [reviews] reviews.graphql:2:31(base) reviews.graphql:2:11",
    ]);
    expect((await toldOf(head, base)).filter((line) => line.includes("INTERFACE"))).toEqual([
      "FEDERATION_INTERFACE_OBJECT_ADDED warning Media [reviews] reviews.graphql:2:31",
    ]);
  });

  it("are told for @composeDirective", async () => {
    const link = (compose: string) => ({
      products: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"]) @link(url: "https://example.com/own/v1.0", import: ["@own"])${compose}\n${PRODUCTS}\ndirective @own on FIELD_DEFINITION`,
    });
    const composed = link('\n@composeDirective(name: "@own")');
    expect(await toldOf(link("\n"), composed)).toEqual([
      "FEDERATION_COMPOSE_DIRECTIVE_ADDED info @own [products] products.graphql:2:1",
    ]);
    expect(await toldOf(composed, link("\n"))).toEqual([
      "FEDERATION_COMPOSE_DIRECTIVE_REMOVED warning @own [products] products.graphql:2:1(base)",
    ]);
  });

  it("are told for @extends, which says nothing in federation 2", async () => {
    const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@extends"])\n`;
    const extended = `${link}type Product @key(fields: "id") @extends { id: ID! tax: Int }`;
    expect(
      await toldOf({ products: PRODUCTS, pricing: link + PRICING }, { products: PRODUCTS, pricing: extended }),
    ).toEqual(["FEDERATION_EXTENDS_ADDED info Product [pricing] pricing.graphql:2:33"]);
  });
});

describe("the subgraphs themselves", () => {
  it("are told when they come and go, and what goes with them is not told of each field", async () => {
    const one = { products: PRODUCTS };
    const two = { products: PRODUCTS, pricing: PRICING };
    expect(await toldOf(one, two)).toEqual(["FEDERATION_SUBGRAPH_ADDED info - [pricing] pricing.graphql:1:1"]);
    expect(await toldOf(two, one)).toEqual([
      "FEDERATION_SUBGRAPH_REMOVED warning - [pricing] pricing.graphql:1:1(base)",
    ]);
  });

  it("are told with a field that goes to another one with them", async () => {
    expect(
      await toldOf(
        { products: PRODUCTS, pricing: PRICING },
        { products: PRODUCTS.replace("price: Int", "price: Int tax: Int") },
      ),
    ).toEqual([
      "FEDERATION_SUBGRAPH_REMOVED warning - [pricing] pricing.graphql:1:1(base)",
      "FEDERATION_FIELD_MOVED warning Product.tax [pricing products] products.graphql:3:67 pricing.graphql:2:43(base)",
    ]);
  });

  it("are told with the type that is no entity any more without them", async () => {
    const plain = "type Query { product: Product }\ntype Product @shareable { id: ID! }";
    const base = { products: plain, pricing: `type Product @key(fields: "id") { id: ID! @shareable }` };
    expect(await toldOf(base, { products: plain })).toEqual([
      "FEDERATION_SUBGRAPH_REMOVED warning - [pricing] pricing.graphql:1:1(base)",
      "FEDERATION_ENTITY_LOST error Product [pricing products] pricing.graphql:2:14(base) products.graphql:3:6",
    ]);
  });

  it("are told when they are to be reached elsewhere, though their text is the same", async () => {
    const [finding, ...more] = await findingsOf({
      base: { products: PRODUCTS },
      head: { products: PRODUCTS },
      urls: { head: { products: "http://localhost:9/x" } },
    });
    expect(more).toEqual([]);
    expect(finding && told(finding)).toBe("FEDERATION_ROUTING_URL_CHANGED warning - [products] products.graphql:1:1");
    expect(finding?.message).toBe(
      "products is to be reached at http://localhost:9/x, and was at http://localhost/products.",
    );
  });

  it("are told with their version of federation, of which federation 1 is one", async () => {
    const of = (version: string) => ({
      products: `extend schema @link(url: "https://specs.apollo.dev/federation/v${version}", import: ["@key"])\n${PRODUCTS}`,
    });
    const one = { products: `schema { query: Query }\n${PRODUCTS}` };
    expect(await toldOf(of("2.5"), of("2.9"))).toEqual([
      "FEDERATION_VERSION_RAISED info - [products] products.graphql:1:15",
    ]);
    expect(await toldOf(of("2.9"), of("2.5"))).toEqual([
      "FEDERATION_VERSION_LOWERED warning - [products] products.graphql:1:15",
    ]);
    expect(await toldOf(one, of("2.5"))).toEqual(["FEDERATION_VERSION_RAISED info - [products] products.graphql:1:15"]);
    const [lowered] = await findingsOf({ base: of("2.5"), head: one });
    expect(lowered?.message).toBe("products is of federation 1, and was of 2.5.");
  });

  it("have no changes where they are the same", async () => {
    expect(await toldOf({ products: PRODUCTS, pricing: PRICING }, { pricing: PRICING, products: PRODUCTS })).toEqual(
      [],
    );
    expect(
      await change("sku: String! price: Int", '"A description." price: Int sku: String!, # and a comment\n'),
    ).toEqual([]);
  });
});
