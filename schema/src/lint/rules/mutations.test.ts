import { describe, expect, it } from "vitest";
import { brief, lintSdl } from "../testing/lint-sdl.ts";

const TYPES = `type ShipOrderPayload { userErrors: [Problem!]! }
type Problem { message: String! }
type Order { id: ID! }
input ShipOrderInput { id: ID! }
input OrderFilter { id: ID! }
enum Role { ADMIN }`;
const withMutation = (field: string) => `type Mutation { ${field} }\n${TYPES}`;

describe("a mutation's arguments", () => {
  const INPUT = ["LINT_MUTATION_INPUT"] as const;

  it.each([
    "shipOrder(input: ShipOrderInput!): ShipOrderPayload!",
    "shipAll: ShipOrderPayload!",
  ])("are one input, or none: %s", (field) => {
    expect(lintSdl({ shop: withMutation(field) }, INPUT)).toEqual([]);
  });

  it.each([
    [
      "shipOrder(id: ID!): ShipOrderPayload!",
      "Mutation.shipOrder takes id: expected one argument, input: ShipOrderInput!.",
    ],
    [
      "shipOrder(order: ShipOrderInput!): ShipOrderPayload!",
      "Mutation.shipOrder takes order: expected one argument, input: ShipOrderInput!.",
    ],
    [
      "shipOrder(input: ShipOrderInput!, dryRun: Boolean): ShipOrderPayload!",
      "Mutation.shipOrder takes input, dryRun: expected one argument, input: ShipOrderInput!.",
    ],
  ])("are not %s", (field, message) => {
    const findings = lintSdl({ shop: withMutation(field) }, INPUT);
    expect(brief(findings)).toEqual(["LINT_MUTATION_INPUT Mutation.shipOrder shop.graphql:1:17"]);
    expect(findings[0]).toMatchObject({ severity: "warning", message });
  });

  it.each([
    "ShipOrderInput",
    "[ShipOrderInput!]!",
    "OrderFilter!",
    "ID!",
    "MissingInput!",
  ])("are no input of the type %s", (type) => {
    const findings = lintSdl({ shop: withMutation(`shipOrder(input: ${type}): ShipOrderPayload!`) }, INPUT);
    expect(brief(findings)).toEqual(["LINT_MUTATION_INPUT Mutation.shipOrder(input:) shop.graphql:1:27"]);
    expect(findings[0]?.message).toBe(
      `Mutation.shipOrder(input:) is ${type}: expected an input type that is not null, such as ShipOrderInput!.`,
    );
  });

  it("are asked of the root under whatever name, and of no other field", () => {
    const sdl = `schema { query: Query mutation: Commands }
type Commands { ship(id: ID!): String }
type Query { ship(id: ID!): String }
type Mutation { ship(id: ID!): String }`;
    expect(brief(lintSdl({ shop: sdl }, INPUT))).toEqual(["LINT_MUTATION_INPUT Commands.ship shop.graphql:2:17"]);
  });

  it("may be as many plain ones as the settings allow: scalars, enums and lists of them", () => {
    const settings = { plainMutationArguments: 2 };
    const found = (field: string) => lintSdl({ shop: withMutation(field) }, INPUT, settings).length;
    expect(found("ship(id: ID!): ShipOrderPayload!")).toBe(0);
    expect(found("setRoles(id: ID!, roles: [Role!]!): ShipOrderPayload!")).toBe(0);
    expect(found("ship(id: ID!, by: String, at: String): ShipOrderPayload!")).toBe(1);
    expect(found("ship(id: ID!, order: ShipOrderInput!): ShipOrderPayload!")).toBe(1);
  });

  it("have an input that ends as the settings say", () => {
    const sdl = withMutation("ship(input: OrderFilter!): ShipOrderPayload!");
    expect(lintSdl({ shop: sdl }, INPUT, { inputSuffixes: ["Input", "Filter"] })).toEqual([]);
  });
});

describe("what a mutation gives", () => {
  const PAYLOAD = ["LINT_MUTATION_PAYLOAD"] as const;

  it.each(["ShipOrderPayload!", "ShipOrderPayload"])("is a payload: %s", (type) => {
    expect(lintSdl({ shop: withMutation(`ship: ${type}`) }, PAYLOAD)).toEqual([]);
  });

  it.each(["Order", "Boolean!", "[ShipOrderPayload!]!", "MissingPayload"])("is not %s", (type) => {
    const findings = lintSdl({ shop: withMutation(`shipOrder: ${type}`) }, PAYLOAD);
    expect(brief(findings)).toEqual(["LINT_MUTATION_PAYLOAD Mutation.shipOrder shop.graphql:1:17"]);
    expect(findings[0]?.message).toBe(
      `Mutation.shipOrder gives ${type}: expected an object of its own, such as ShipOrderPayload.`,
    );
  });

  it("ends as the settings say, or anyhow where they say nothing", () => {
    const sdl = `type Mutation { a: ShipResult b: Shipped }\nunion ShipResult = Shipped\ntype Shipped { id: ID! }`;
    expect(brief(lintSdl({ shop: sdl }, PAYLOAD, { payloadSuffixes: ["Result"] }))).toEqual([
      "LINT_MUTATION_PAYLOAD Mutation.b shop.graphql:1:31",
    ]);
    expect(lintSdl({ shop: sdl }, PAYLOAD, { payloadSuffixes: [] })).toEqual([]);
  });
});

describe("a payload", () => {
  const ERRORS = ["LINT_PAYLOAD_USER_ERRORS"] as const;

  it("has a list of what went wrong", () => {
    expect(lintSdl({ shop: withMutation("ship: ShipOrderPayload!") }, ERRORS)).toEqual([]);
  });

  it("that has none is told once, however many mutations give it", () => {
    const sdl =
      "type Mutation { a: APayload! b: APayload! }\ntype APayload { ok: Boolean }\ntype OtherPayload { ok: Boolean }";
    const findings = lintSdl({ shop: sdl }, ERRORS);
    expect(brief(findings)).toEqual(["LINT_PAYLOAD_USER_ERRORS APayload shop.graphql:2:6"]);
    expect(findings[0]).toMatchObject({
      message: "The payload APayload has no field userErrors.",
      remedy: "Give it `userErrors`, a list of what the user can mend, empty on success.",
    });
  });

  it.each(["Problem", "[String!]!", "Boolean"])("does not have it as %s", (type) => {
    const sdl = `type Mutation { a: APayload! }\ntype APayload { userErrors: ${type} }\ntype Problem { message: String! }`;
    const findings = lintSdl({ shop: sdl }, ERRORS);
    expect(brief(findings)).toEqual(["LINT_PAYLOAD_USER_ERRORS APayload.userErrors shop.graphql:2:17"]);
    expect(findings[0]?.message).toBe(`APayload.userErrors is ${type}: expected a list of objects.`);
  });

  it("has it under the name of the settings, or is a union that errors are members of", () => {
    const sdl = `type Mutation { a: APayload! b: BPayload! }
type APayload { problems: [Problem!]! }
union BPayload = Problem
type Problem { message: String! }`;
    expect(lintSdl({ shop: sdl }, ERRORS, { userErrorsField: "problems" })).toEqual([]);
  });
});
