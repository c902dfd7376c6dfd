extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.5"
    import: [
      "@key"
      "@shareable"
      "@external"
      "@provides"
      "@requires"
      "@inaccessible"
      "@tag"
      "@override"
      "@authenticated"
      "@requiresScopes"
    ]
  )

"A moment in time: RFC 3339 text in UTC, `2026-01-31T12:00:00.000Z`."
scalar DateTime

"An exact decimal number as text, `\"19.99\"`."
scalar Decimal

"A whole number of any size as text, `\"1999\"`."
scalar BigInt

"An object with an opaque, stable id."
interface Node {
  "Opaque, prefixed and time-ordered."
  id: ID!
}

"An expected failure of a mutation that the client can act on."
interface UserError {
  "For people, in English."
  message: String!
  "The input field at fault, outermost first; null where no single field is."
  path: [String!]
}

"Where a page stands in its list."
type PageInfo @shareable {
  "True when more follows after `endCursor`."
  hasNextPage: Boolean!
  "True when more precedes `startCursor`."
  hasPreviousPage: Boolean!
  "Cursor of the first edge; null on an empty page."
  startCursor: String
  "Cursor of the last edge; null on an empty page."
  endCursor: String
}

type Query {
  "One {{words}}; null when there is none of this id."
  {{entity}}("Id of the {{words}}, `{{prefix}}_…`." id: ID!): {{Entity}}
}

type Mutation {
  "Adds a {{words}} to a {{owner words}}, in the name of the person who asks. Fails with INVALID."
  create{{Entity}}("What to add, and to what." input: Create{{Entity}}Input!): {{Entity}}Payload! @authenticated
}

"One {{words}} of a {{owner words}}."
type {{Entity}} implements Node @key(fields: "id") {
  "Opaque, prefixed and time-ordered."
  id: ID!
  "What it belongs to; null where there is no such {{owner words}}, and while nobody can be asked for it."
  {{owner}}: {{Owner}}
  "What it says."
  text: String!
  "When it was added."
  createdAt: DateTime!
}

{{owner description}}
type {{Owner}} @key(fields: "id") {
  "Opaque, prefixed and time-ordered."
  id: ID!
  "Its {{plural words}}, the newest first; null while they cannot be asked for."
  {{entities}}(
    "How many, from 0 to 100."
    first: Int = 20
    "Cursor of the edge to start after."
    after: String
  ): {{Entity}}Connection
}

"A page of {{plural words}}."
type {{Entity}}Connection {
  "The {{plural words}} of the page."
  edges: [{{Entity}}Edge!]!
  "Where the page stands."
  pageInfo: PageInfo!
}

"One {{words}} in a page."
type {{Entity}}Edge {
  "Pass it as `after` to go on from here."
  cursor: String!
  "The {{words}}."
  node: {{Entity}}!
}

"What to add, and to what."
input Create{{Entity}}Input {
  "Id of the {{owner words}}."
  {{owner}}Id: ID!
  "What it says, at most 2000 characters."
  text: String!
}

"What went wrong, for programs."
enum {{Entity}}ErrorCode {
  "A value is not acceptable; the message says which and why."
  INVALID
}

"An expected failure of a mutation of {{plural words}}."
type {{Entity}}UserError implements UserError {
  "For people, in English."
  message: String!
  "The input field at fault, outermost first; null where no single field is."
  path: [String!]
  "For programs."
  code: {{Entity}}ErrorCode!
}

"What a mutation of a {{words}} answers."
type {{Entity}}Payload {
  "As it is after the change; null where that failed."
  {{entity}}: {{Entity}}
  "What went wrong; empty on success."
  userErrors: [{{Entity}}UserError!]!
}
