import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startHttpServer } from "./http.ts";
import { createLogger } from "./log.ts";
import { createLogLevelSwitch } from "./log-level.ts";

const start = async (level = "info") => {
  const lines: { msg: string; level: number }[] = [];
  const log = createLogger({ service: "orders", level }, { write: (line) => void lines.push(JSON.parse(line)) });
  const own = createLogLevelSwitch({ loggers: [log] });
  onTestFinished(() => own.stop());
  const server = await startHttpServer({ host: "127.0.0.1", port: 0, maxBodyBytes: 1_024, routes: own.routes, log });
  onTestFinished(() => server.stop());
  const url = `http://127.0.0.1:${server.port}/log-level`;
  const post = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
    fetch(url, { method: "POST", headers, body });
  return { log, own, lines, url, post, ask: async () => (await fetch(url)).json() as unknown };
};

describe("the log level", () => {
  it("is changed while the process runs, also of what is made later, and told", async () => {
    const { log, lines, post, ask } = await start();
    log.debug("unheard");
    const response = await post(JSON.stringify({ level: "debug", seconds: 60 }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(await ask());
    expect(await ask()).toMatchObject({ level: "debug", configured: "info" });
    log.debug("heard");
    log.child({ correlationId: "req_1" }).debug("heard, too");
    const texts = lines.map(({ msg }) => msg);
    expect(texts).toContain("the log level is changed");
    expect(texts.slice(-2)).toEqual(["heard", "heard, too"]);
    expect(texts).not.toContain("unheard");
  });

  it("is as configured again when its time is over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { log, post, ask } = await start("warn");
    await post(JSON.stringify({ level: "trace" }));
    vi.advanceTimersByTime(899_000);
    expect(log.level).toBe("trace");
    vi.advanceTimersByTime(1_000);
    expect(log.level).toBe("warn");
    expect(await ask()).toEqual({ level: "warn", configured: "warn", until: null });
  });

  it("can be set back before, and be lowered", async () => {
    const { log, own, post, ask, lines } = await start();
    await post(JSON.stringify({ level: "error" }));
    log.warn("unheard");
    expect(own.changed()).toBe("error");
    await post(JSON.stringify({ level: "info" }));
    expect(own.changed()).toBeNull();
    expect(await ask()).toEqual({ level: "info", configured: "info", until: null });
    expect(lines.map(({ msg }) => msg)).toEqual(["the log level is changed", "the log level is changed"]);
  });

  it.each([
    ["an unknown level", JSON.stringify({ level: "loud" })],
    ["silence, in which nobody would hear what goes wrong", JSON.stringify({ level: "silent" })],
    ["no level", "{}"],
    ["more than is known", JSON.stringify({ level: "debug", forever: true })],
    ["no time", JSON.stringify({ level: "debug", seconds: 0 })],
    ["more than a day", JSON.stringify({ level: "debug", seconds: 86_401 })],
    ["half a second", JSON.stringify({ level: "debug", seconds: 1.5 })],
    ["what is no JSON", "debug"],
    ["nothing", ""],
  ])("is not changed by %s", async (_what, body) => {
    const { log, post } = await start();
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Example: {\\"level\\":\\"debug\\",\\"seconds\\":900}');
    expect(log.level).toBe("info");
  });

  it("is not changed by a page that a browser on this machine shows", async () => {
    const { log, post } = await start();
    expect((await post(JSON.stringify({ level: "debug" }), { "content-type": "text/plain" })).status).toBe(415);
    expect(log.level).toBe("info");
  });

  it("is not told or changed through a proxy on this machine", async () => {
    const { log, url, post } = await start();
    const headers = { "content-type": "application/json", "x-forwarded-for": "203.0.113.7" };
    expect((await post(JSON.stringify({ level: "debug" }), headers)).status).toBe(403);
    expect((await fetch(url, { headers: { via: "1.1 proxy" } })).status).toBe(403);
    expect(log.level).toBe("info");
  });

  it("is not told to who asks from elsewhere", async () => {
    const { own } = await start();
    const answers = own.routes.map(({ method, handle }) =>
      handle({
        method,
        url: new URL("http://orders/log-level"),
        headers: {},
        body: Buffer.alloc(0),
        signal: new AbortController().signal,
        isLocal: () => false,
      }),
    );
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([403, 403]);
  });
});
