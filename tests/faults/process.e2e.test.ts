import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildServices } from "./build.ts";
import { steadyPort } from "./ports.ts";
import { createService, type SupervisedService } from "./process.ts";

describe("a supervised service", () => {
  let directory: string;
  let service: SupervisedService;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "supergraph-process-"));
    const port = await steadyPort();
    await buildServices(["sandbox-provider"]);
    service = createService({
      name: "sandbox-provider",
      copy: 0,
      folder: "sandbox-provider",
      port,
      environment: {
        SANDBOX_PROVIDER_PORT: String(port),
        SANDBOX_PROVIDER_API_KEY: "key-of-a-supervised-provider",
        SANDBOX_PROVIDER_WEBHOOK_SECRET: "secret-of-a-supervised-provider",
        SANDBOX_PROVIDER_DIRECTORY: directory,
      },
      logFile: join(directory, "log"),
      faults: {},
    });
  });
  afterEach(async () => {
    service.resume();
    await service.killAndHold();
    await rm(directory, { recursive: true, force: true });
  });

  it("runs only once it is started, and is started again when it is killed", async () => {
    expect(service.pid).toBeUndefined();
    await service.start();
    const { pid } = service;
    expect(await service.kill()).toEqual({ code: null, signal: "SIGKILL" });
    await service.ready();
    expect(service.pid).not.toBe(pid);
    expect(service.starts).toBe(2);
  });

  it("stays dead when it is held, and ends with code 0 when it is stopped", async () => {
    await service.start();
    expect(await service.killAndHold()).toMatchObject({ signal: "SIGKILL" });
    expect([service.pid, service.asMeant]).toEqual([undefined, false]);
    await service.start();
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect([service.pid, service.asMeant]).toEqual([undefined, false]);
  });

  it("keeps its faults over a restart, except the one that it died of", async () => {
    await service.start({ clockOffsetMs: 3_600_000, kill: { step: "webhook:recorded", hit: 1 } });
    expect(service.asMeant).toBe(false);
    await service.kill();
    await service.ready();
    expect(service.asMeant).toBe(false);
    await service.start();
    expect(service.asMeant).toBe(true);
  });

  it("answers nothing while it is paused, and goes on afterwards", async () => {
    await service.start();
    service.pause();
    const asked = fetch(`${service.origin}/health/live`);
    expect(await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 200, "silence"))])).toBe("silence");
    service.resume();
    expect((await asked).status).toBe(200);
  });
});
