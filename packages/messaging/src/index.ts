export * from "./bus.ts";
export * from "./events.ts";
