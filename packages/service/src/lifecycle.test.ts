import { describe, expect, it } from "vitest";
import { ConfigError } from "./config.ts";
import { createCleanup, describeStartFailure, startAll, startWithCleanup } from "./lifecycle.ts";

describe("a cleanup", () => {
  it("undoes in the reverse order, each step once the one before is done", async () => {
    const cleanup = createCleanup();
    const undone: string[] = [];
    cleanup.add(() => void undone.push("database"));
    cleanup.add(async () => {
      await Promise.resolve();
      undone.push("consumers");
    });
    cleanup.add(() => void undone.push("server"));
    await cleanup.run();
    expect(undone).toEqual(["server", "consumers", "database"]);
  });

  it("goes on when a step fails, and tells of every failure at the end", async () => {
    const cleanup = createCleanup();
    const undone: string[] = [];
    cleanup.add(() => void undone.push("database"));
    cleanup.add(() => Promise.reject(new Error("bus")));
    cleanup.add(() => {
      throw new Error("server");
    });
    const failure = await cleanup.run().catch((error: unknown) => error);
    expect(undone).toEqual(["database"]);
    expect(failure).toBeInstanceOf(AggregateError);
    expect(failure).toMatchObject({ errors: [{ message: "server" }, { message: "bus" }] });
  });

  it("undoes nothing twice", async () => {
    const cleanup = createCleanup();
    let times = 0;
    cleanup.add(() => void times++);
    await cleanup.run();
    await cleanup.run();
    expect(times).toBe(1);
  });
});

describe("a start with a cleanup", () => {
  it("answers what was started, with a stop that undoes it", async () => {
    const undone: string[] = [];
    const running = await startWithCleanup(async (cleanup) => {
      cleanup.add(() => void undone.push("server"));
      return { port: 4001 };
    });
    expect(running.port).toBe(4001);
    expect(undone).toEqual([]);
    await running.stop();
    expect(undone).toEqual(["server"]);
  });

  it("that fails half-way stops what it had started, and tells why it failed", async () => {
    const undone: string[] = [];
    const start = startWithCleanup(async (cleanup) => {
      cleanup.add(() => void undone.push("database"));
      cleanup.add(() => Promise.reject(new Error("the bus does not stop either")));
      throw new Error("port taken");
    });
    await expect(start).rejects.toThrow("port taken");
    expect(undone).toEqual(["database"]);
  });
});

describe("starting several things at once", () => {
  it("answers each in its place", async () => {
    expect(await startAll([Promise.resolve(1), Promise.resolve("b")])).toEqual([1, "b"]);
  });

  it("fails with the first error, once all the others have started or failed", async () => {
    let release: () => void = () => undefined;
    const started: string[] = [];
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    }).then(() => void started.push("slow"));
    const all = startAll([Promise.reject(new Error("first")), slow]).catch((error: Error) => {
      started.push(error.message);
    });
    release();
    await all;
    expect(started).toEqual(["slow", "first"]);
  });
});

describe("why a start failed", () => {
  it("is told in a line where it was foreseen", () => {
    expect(describeStartFailure(new ConfigError("PORT is not set"))).toBe("CONFIG_INVALID: PORT is not set");
  });

  it("is told with its stack where it was not", () => {
    expect(describeStartFailure(new Error("odd"))).toMatch(/^Error: odd\n\s+at /);
    expect(describeStartFailure("odd")).toBe("odd");
  });

  it("is told for each address of a host that was tried", () => {
    const refused = (address: string) =>
      Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: "ECONNREFUSED" });
    const error = Object.assign(new AggregateError([refused("::1:5432"), refused("127.0.0.1:5432")]), {
      code: "ECONNREFUSED",
    });
    expect(describeStartFailure(error)).toBe(
      "ECONNREFUSED: connect ECONNREFUSED ::1:5432\nECONNREFUSED: connect ECONNREFUSED 127.0.0.1:5432",
    );
  });
});
