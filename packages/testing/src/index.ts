export * from "./clock.ts";
export * from "./database.ts";
export * from "./eventually.ts";
export * from "./graphql-client.ts";
export { testNatsUrl, WITHOUT_NATS } from "./nats.ts";
export * from "./spans.ts";
