import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createHealth, type Health, type ReadinessCheck } from "./health.ts";
import { silentLogger } from "./log.ts";

const passing = (name: string): ReadinessCheck => ({ name, check: async () => undefined });
const failing = (name: string): ReadinessCheck => ({
  name,
  check: () => Promise.reject(new Error("password hunter2 refused")),
});

const get = async ({ routes }: Health, path: string): Promise<{ status: number; body: unknown }> => {
  const { status, body } = (await routes
    .find((route) => route.path === path)
    ?.handle({
      method: "GET",
      url: new URL(path, "http://localhost"),
      headers: {},
      body: Buffer.alloc(0),
      signal: new AbortController().signal,
      isLocal: () => true,
    })) ?? { status: 0 };
  return { status, body: JSON.parse(String(body)) };
};

const ready = (health: Health) => get(health, "/health/ready");

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("/health/live", () => {
  it("is answered whatever the checks find, draining included", async () => {
    const health = createHealth([failing("database")]);
    health.drain();
    expect(await get(health, "/health/live")).toEqual({ status: 200, body: { status: "live" } });
  });
});

describe("/health/ready", () => {
  it("is 200 when every check passes", async () => {
    expect(await ready(createHealth([passing("database"), passing("bus")]))).toEqual({
      status: 200,
      body: { status: "ready", checks: { database: "ok", bus: "ok" } },
    });
  });

  it("is 503 when one fails, tells which, and not why", async () => {
    const answer = await ready(createHealth([passing("bus"), failing("database")]));
    expect(answer).toEqual({
      status: 503,
      body: { status: "not ready", checks: { bus: "ok", database: "failed" } },
    });
  });

  it("is 503 when a check throws at once", async () => {
    const check = () => {
      throw new Error("no");
    };
    expect((await ready(createHealth([{ name: "database", check }]))).status).toBe(503);
  });

  it("is 503 when a check hangs, which is asked once however many ask", async () => {
    let asked = 0;
    const check = () => {
      asked++;
      return new Promise<never>(() => undefined);
    };
    const health = createHealth([{ name: "database", check }]);
    const answers = Promise.all([ready(health), ready(health)]);
    await vi.advanceTimersByTimeAsync(2_000);
    for (const { status, body } of await answers) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ checks: { database: "failed" } });
    }
    expect(asked).toBe(1);
  });

  it("asks anew each time once a check has answered", async () => {
    let up = false;
    const check = async () => {
      if (!up) throw new Error("down");
    };
    const health = createHealth([{ name: "database", check }]);
    expect((await ready(health)).status).toBe(503);
    up = true;
    expect((await ready(health)).status).toBe(200);
  });

  it("tells what is only reported, and stays ready without it", async () => {
    expect(await ready(createHealth([passing("database")], [failing("bus")]))).toEqual({
      status: 200,
      body: { status: "ready", checks: { database: "ok" }, reported: { bus: "failed" } },
    });
  });

  it("is 503 from the moment of draining", async () => {
    const health = createHealth([passing("database")], [], silentLogger());
    health.drain();
    expect(await ready(health)).toEqual({ status: 503, body: { status: "draining" } });
  });

  it("logs why a check fails, once, and that it passes again", async () => {
    const lines: string[] = [];
    let up = false;
    const check = async () => {
      if (!up) throw new Error("no route to host");
    };
    const health = createHealth([{ name: "database", check }], [], pino({}, { write: (line) => lines.push(line) }));
    await ready(health);
    await ready(health);
    up = true;
    await ready(health);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("no route to host");
    expect(lines[1]).toContain("passes again");
  });
});
