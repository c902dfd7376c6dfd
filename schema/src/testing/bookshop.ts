/** Three subgraphs with what plans are made of: entities, two keys, `@requires`, `@provides`, an interface, a mutation. */
export const BOOKSHOP = {
  books: `
type Query { books(first: Int = 20): [Book!]! book(id: ID!): Book anything: [Item!]! }
type Mutation { addBook(title: String!): Book! renameBook(id: ID!, title: String!): Book! }
interface Item { id: ID! title: String! }
type Book implements Item @key(fields: "id") @key(fields: "isbn") {
  id: ID!
  isbn: ID!
  title: String!
  weight: Int!
  sequels: [Book!]!
}
type Map implements Item @key(fields: "id") { id: ID! title: String! scale: Int! }
`,
  reviews: `
type Query { latestReviews: [Review!]! }
type Review @key(fields: "id") { id: ID! text: String! book: Book! author: Reader! }
type Book @key(fields: "isbn") { isbn: ID! reviews: [Review!]! stars: Float }
type Reader @key(fields: "id") { id: ID! reviews: [Review!]! }
type Map @key(fields: "id") { id: ID! reviews: [Review!]! }
`,
  readers: `
type Query { me: Reader }
type Subscription { readerJoined: Reader! }
type Reader @key(fields: "id") { id: ID! name: String! country: String! }
`,
  shipping: `
type Book @key(fields: "id") { id: ID! weight: Int! @external postage(country: String!): Int @requires(fields: "weight") }
`,
} as const;
