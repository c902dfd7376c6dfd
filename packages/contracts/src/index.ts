export { defineEvent, type EventContract, type EventData, PRODUCERS, type Producer } from "./contract.ts";
export { isCountry } from "./countries.ts";
export * from "./money.ts";
export * as orderEvents from "./orders.ts";
export * as paymentEvents from "./payments.ts";
export * as productEvents from "./products.ts";
export { ROLES, type Role, SCOPES, type Scope, scopesOf } from "./scopes.ts";
export * from "./text.ts";
export * as userEvents from "./users.ts";
