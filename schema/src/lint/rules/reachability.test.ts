import { describe, expect, it } from "vitest";
import { brief, federated, lintSdl } from "../testing/lint-sdl.ts";

const UNREACHABLE = ["LINT_TYPE_UNREACHABLE"] as const;
const found = (sdls: Readonly<Record<string, string>>) => brief(lintSdl(sdls, UNREACHABLE));

describe("a type", () => {
  it("that no root field leads to is told, with what else leads to it", () => {
    const sdl = `type Query { a: Int }
type Lonely { part: Part! }
type Part { id: ID! }
input Unused { more: UnusedToo }
input UnusedToo { a: Int }
enum Size { SMALL }
scalar Date
interface Shape { id: ID! }
union Any = Part`;
    const findings = lintSdl({ shop: sdl }, UNREACHABLE);
    expect(brief(findings)).toEqual([
      "LINT_TYPE_UNREACHABLE Lonely shop.graphql:2:6",
      "LINT_TYPE_UNREACHABLE Part shop.graphql:3:6",
      "LINT_TYPE_UNREACHABLE Unused shop.graphql:4:7",
      "LINT_TYPE_UNREACHABLE UnusedToo shop.graphql:5:7",
      "LINT_TYPE_UNREACHABLE Size shop.graphql:6:6",
      "LINT_TYPE_UNREACHABLE Date shop.graphql:7:8",
      "LINT_TYPE_UNREACHABLE Shape shop.graphql:8:11",
      "LINT_TYPE_UNREACHABLE Any shop.graphql:9:7",
    ]);
    expect(findings[0]).toMatchObject({ message: "No root field leads to Lonely.", details: [], severity: "warning" });
    expect(findings[1]?.details).toEqual(["only unreachable types mention it: Any, Lonely"]);
  });

  it("is reached by fields, arguments, input fields, unions and every root", () => {
    const sdl = `type Query { a(filter: Filter): Result }
type Mutation { b: MutationPayload }
type Subscription { c: Event }
union Result = Book | Author
type Book { size: Size at: Date }
type Author { shelf(mode: Mode): Shelf }
type Shelf { id: ID! }
type MutationPayload { id: ID! }
type Event { id: ID! }
input Filter { more: [MoreFilter!] }
input MoreFilter { self: MoreFilter at: OtherDate }
enum Size { SMALL }
enum Mode { A }
scalar Date
scalar OtherDate`;
    expect(found({ shop: sdl })).toEqual([]);
  });

  it("is reached from a field of another subgraph", () => {
    const a = federated('type Query { book: Book }\ntype Book @key(fields: "id") { id: ID! }');
    const b = federated(
      'extend type Book @key(fields: "id") { id: ID! @external review: Review }\ntype Review { stars: Int }',
    );
    expect(found({ a, b })).toEqual([]);
    expect(found({ b, a: federated("type Query { a: Int }") })).toEqual([
      "LINT_TYPE_UNREACHABLE Book b.graphql:2:13",
      "LINT_TYPE_UNREACHABLE Review b.graphql:3:6",
    ]);
  });

  it("is told with all its parts, definitions before extensions", () => {
    const findings = lintSdl(
      { a: "type Query { a: Int }\nextend type Book { id: ID! }", b: "type Book { id: ID! }" },
      UNREACHABLE,
    );
    expect(brief(findings)).toEqual(["LINT_TYPE_UNREACHABLE Book b.graphql:1:6 a.graphql:2:13"]);
    expect(findings[0]?.subgraphs).toEqual(["a", "b"]);
  });

  it("is reached as an implementation of what a field gives", () => {
    const sdl = `type Query { node: Node }
interface Node { id: ID! }
interface Named implements Node { id: ID! }
type Book implements Node & Named { id: ID! page: Page }
type Page { id: ID! }`;
    expect(found({ shop: sdl })).toEqual([]);
  });

  it("is not reached by an interface that no field gives, although the interface is by what implements it", () => {
    const sdl = `type Query { book: Book }
interface Node { id: ID! }
type Book implements Node { id: ID! }
type Gone implements Node { id: ID! }`;
    expect(found({ shop: sdl })).toEqual(["LINT_TYPE_UNREACHABLE Gone shop.graphql:4:6"]);
  });

  it("is reached through the @interfaceObject of another subgraph", () => {
    const a = federated(`interface Media @key(fields: "id") { id: ID! }
type Film implements Media @key(fields: "id") { id: ID! }`);
    const b = federated(`type Query { media: Media }
type Media @interfaceObject @key(fields: "id") { id: ID! rating: Rating }
type Rating { stars: Int }`);
    expect(found({ a, b })).toEqual([]);
    expect(found({ b, a })).toEqual([]);
  });

  it("is reached by a directive that takes it", () => {
    const sdl = `directive @audit(by: Role, with: AuditInput) on FIELD_DEFINITION
enum Role { ADMIN }
input AuditInput { at: Date }
scalar Date
type Query { a: Int }`;
    expect(found({ shop: sdl })).toEqual([]);
  });

  it("may wait for its time hidden from clients", () => {
    const sdl = federated("type Query { a: Int }\ntype Soon @inaccessible { id: ID! }");
    expect(found({ shop: sdl })).toEqual([]);
  });

  it("is reached from roots by other names", () => {
    const a =
      "schema { query: Root }\ntype Root { book: Book }\ntype Book { id: ID! }\ntype Query { gone: Gone }\ntype Gone { id: ID! }";
    const b =
      "extend schema { mutation: Commands }\ntype Commands { c: Changed }\ntype Changed { id: ID! }\ntype Query { d: Day }\ntype Day { id: ID! }";
    expect(found({ a })).toEqual([
      "LINT_TYPE_UNREACHABLE Query a.graphql:4:6",
      "LINT_TYPE_UNREACHABLE Gone a.graphql:5:6",
    ]);
    expect(found({ b })).toEqual([]);
  });

  it("of federation is nobody's to reach", () => {
    const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "FieldSet"])
directive @key(fields: FieldSet!) repeatable on OBJECT
scalar FieldSet
scalar federation__Scope
scalar _Any
enum link__Purpose { SECURITY }
type Query { a: Int }`;
    expect(found({ shop: sdl })).toEqual([]);
  });

  it("is nothing to tell of where no subgraph has a root", () => {
    expect(found({ shop: "type Book { id: ID! }" })).toEqual([]);
  });
});
