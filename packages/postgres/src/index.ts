export * from "./database.ts";
export * from "./tables.ts";
