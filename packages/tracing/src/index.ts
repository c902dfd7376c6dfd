export { type Span, SpanKind } from "@opentelemetry/api";
export * from "./origins.ts";
export * from "./spans.ts";
