import { describe, expect, it } from "vitest";
import { createLogger, errorForLog } from "./log.ts";
import { enableTracing, inServerSpan } from "./tracing.ts";

/** As drizzle-orm throws it. */
class QueryError extends Error {
  readonly query = "insert into users values ($1, $2)";
  readonly params: unknown[];
  constructor(params: unknown[]) {
    super(`Failed query: insert into users values ($1, $2)\nparams: ${params}`, {
      cause: Object.assign(new Error("duplicate key value"), {
        detail: "Key (email)=(ada@example.com) already exists.",
      }),
    });
    this.params = params;
  }
}

describe("an error in the log", () => {
  it("tells which query failed and why, and none of its values", () => {
    const logged = JSON.stringify(errorForLog(new QueryError(["ada@example.com", "line one\n    at line two"])));
    expect(logged).toContain("insert into users values ($1, $2)");
    expect(logged).toContain("duplicate key value");
    expect(logged).not.toContain("ada@example.com");
    expect(logged).not.toContain("line two");
  });

  it("tells no values of a query that failed deeper down either", () => {
    const logged = JSON.stringify(
      errorForLog(new Error("could not register", { cause: new QueryError(["ada", null]) })),
    );
    expect(logged).toContain("could not register");
    expect(logged).not.toContain("params");
  });

  it("tells no values of queries that failed together", () => {
    const logged = JSON.stringify(
      errorForLog(new AggregateError([new QueryError(["ada@example.com"]), new Error("and the bus")], "stopping")),
    );
    expect(logged).toContain("insert into users values ($1, $2)");
    expect(logged).toContain("and the bus");
    expect(logged).not.toContain("ada@example.com");
  });

  it("keeps the stack and what else an error carries", () => {
    const logged = errorForLog(Object.assign(new Error("nope"), { code: "E1" }));
    expect(logged).toMatchObject({ type: "Error", message: "nope", code: "E1", stack: expect.stringContaining("at ") });
    expect(errorForLog("text")).toBe("text");
  });
});

describe("a line of the log", () => {
  const logged = () => {
    const lines: string[] = [];
    const log = createLogger({ service: "orders", level: "info" }, { write: (line) => lines.push(line) });
    return { log, last: (): unknown => JSON.parse(lines.at(-1) ?? "null") };
  };

  it("names the trace that runs, also from a child, and none outside of traces", async () => {
    enableTracing();
    const { log, last } = logged();
    log.info("starting");
    expect(last()).not.toHaveProperty("traceId");
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    await inServerSpan("POST /graphql", { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }, async () => {
      await Promise.resolve();
      log.child({ correlationId: "req_1" }).info("placed");
      return { status: 200 };
    });
    expect(last()).toMatchObject({ service: "orders", correlationId: "req_1", traceId, msg: "placed" });
  });

  it("has secrets censored, by their names", () => {
    const { log, last } = logged();
    log.info({ user: { email: "ada@example.com" }, paymentMethodToken: "tok_1" }, "seen");
    expect(last()).toMatchObject({ user: { email: "[redacted]" }, paymentMethodToken: "[redacted]" });
  });
});
