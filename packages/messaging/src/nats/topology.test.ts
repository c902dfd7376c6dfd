import { describe, expect, it } from "vitest";
import { backoffDelay } from "../backoff.ts";
import { matchesSubject } from "../subjects.ts";
import { parseServers } from "./servers.ts";
import { createTopology } from "./topology.ts";

describe("the topology", () => {
  it("has a stream for each producing service and one for dead letters", () => {
    const { streamOf, toWire, named } = createTopology(undefined);
    expect(streamOf("users.user.registered.v1")).toEqual({
      stream: "USERS",
      subjects: ["users.>"],
      holdsDeadLetters: false,
    });
    expect(streamOf("dlq.orders.orders-users-user-registered-v1")).toMatchObject({
      stream: "DLQ",
      holdsDeadLetters: true,
    });
    expect([toWire("a.b"), named("orders")]).toEqual(["a.b", "orders"]);
  });

  it("puts a namespace before streams, subjects and names, and takes it off again", () => {
    const { streamOf, toWire, fromWire, named } = createTopology("staging");
    expect(streamOf("users.user.registered.v1")).toMatchObject({
      stream: "staging_USERS",
      subjects: ["staging.users.>"],
    });
    expect([toWire("a.b"), fromWire("staging.a.b"), named("orders")]).toEqual(["staging.a.b", "a.b", "staging-orders"]);
  });

  it.each(["", "a.b", "a b", "*", ">", "ä"])("refuses the namespace %j", (namespace) => {
    expect(() => createTopology(namespace)).toThrow(/is no namespace/);
  });
});

describe("subject patterns", () => {
  it.each([
    ["a.b.c", "a.b.c", true],
    ["a.*.c", "a.b.c", true],
    ["a.>", "a.b.c", true],
    [">", "a", true],
    ["a.>", "a", false],
    ["a.b", "a.b.c", false],
    ["a.b.c", "a.b", false],
    ["a.*", "a.b.c", false],
    ["A.b", "a.b", false],
  ])("%s against %s: %s", (pattern, subject, expected) => {
    expect(matchesSubject(pattern, subject)).toBe(expected);
  });
});

describe("server addresses", () => {
  it("are one or several, with or without scheme, port and credentials", () => {
    expect(parseServers("nats://one:4222, two ,[::1]:4333")).toEqual({
      hosts: ["one:4222", "two:4222", "[::1]:4333"],
      tls: false,
    });
    expect(parseServers(["nats://us%40er:p%3Ass@one"])).toMatchObject({ user: "us@er", pass: "p:ss" });
    expect(parseServers("tls://token@one")).toEqual({ hosts: ["one:4222"], tls: true, token: "token" });
  });

  it.each(["", " , ", "http://one", "nats://", "nats://us er:secret@one:port"])("are refused when %j", (servers) => {
    expect(() => parseServers(servers)).toThrow(/expected nats:\/\/host:4222/);
    expect(() => parseServers(servers)).not.toThrow(/secret/);
  });
});

describe("the backoff", () => {
  it("doubles up to its limit and takes up to half off by chance", () => {
    const backoff = { first: 100, max: 1_000 };
    expect([1, 2, 3, 4, 5, 1_000].map((attempt) => backoffDelay(backoff, attempt, () => 0.999_999))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(backoffDelay(backoff, 2, () => 0)).toBe(100);
  });
});
