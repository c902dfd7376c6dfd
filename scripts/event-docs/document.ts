import { renderCatalogue } from "./catalogue.ts";
import { renderSaga } from "./saga.ts";
import { contracts, readers } from "./sources.ts";

/** The whole of docs/events.md. */
export const renderDocument =
  (): string => `<!-- Written by \`npm run docs:events\` from packages/contracts, the subgraphs' events.ts and the saga itself: change those. -->

# Events

What the services tell each other, over NATS JetStream. A message is an envelope in JSON:

| field | meaning |
| --- | --- |
| \`id\` | unique for one fact: whoever sees an id again ignores it. It is also the broker's message id |
| \`type\`, \`version\` | which contract \`data\` follows |
| \`time\` | when it happened, RFC 3339 |
| \`correlationId\` | the client's request that all this follows from |
| \`causationId\` | the message that this one follows from; null at the origin |
| \`data\` | what the tables below say |

Headers carry the key (\`Supergraph-Key\`) and the trace context (\`traceparent\`). Each producer has a stream of its own,
\`USERS\`, \`PRODUCTS\`, \`ORDERS\`, \`PAYMENTS\`; what a consumer gave up on is under \`dlq.<service>.<consumer>\` in \`DLQ\`
([runbook](runbook.md#dead-letters)).

## Rules

- **Delivery** is at least once and in the order of a key as long as nothing fails; effects are exactly once, by the id.
- **Repeats.** Where an id follows from the fact, sending the fact twice is one message. Otherwise ids are fresh, and the
  contract's description says what a repeat means.
- **Versions.** A field may be added to a version as optional, and readers ignore fields that they do not know. Anything else
  (a field that goes, changes its type or its meaning, becomes required, or a narrower set of values) is a new version, with a
  subject and a contract of its own beside the old one. The producer sends both until no consumer of the old one is left in the
  tables below; only then is the old contract deleted.
- **Nobody listens to what nobody can send**: this document cannot be written when a consumer's subject has no contract.

## The catalogue

${renderCatalogue(contracts, readers())}
## The checkout saga

One for each order, in the orders subgraph. The diagram is what the state machine decides for every event in every situation
that a new order can come to.

${renderSaga()}`;
