import { createHmac } from "node:crypto";
import { eventually } from "@supergraph/testing/eventually";
import { describe, expect, it } from "vitest";
import { SECRET, useSandbox } from "./testing/sandbox-harness.ts";

const { state, start, restart, authorize, types } = useSandbox();

describe("webhooks", () => {
  it("are signed over the timestamp and the bytes that are sent", async () => {
    await authorize();
    await eventually(() => expect(state.received).toHaveLength(1));
    const [webhook] = state.received;
    const [, timestamp, sum] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(webhook?.signature ?? "") ?? [];
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
    expect(createHmac("sha256", SECRET).update(`${timestamp}.${webhook?.raw}`).digest("hex")).toBe(sum);
    expect(webhook).toMatchObject({
      type: "payment.authorized",
      payment: { status: "authorized", authorizedMinor: 1999 },
    });
  });

  it("are delivered until they are accepted", async () => {
    state.answers = [500, 404, 302];
    await authorize();
    await eventually(() => expect(state.received).toHaveLength(4));
    expect(new Set(state.received.map(({ id }) => id)).size).toBe(1);
  });

  it("are delivered after a restart when they were not before, and not again when they were", async () => {
    state.answers = Array.from({ length: 1_000 }, () => 503);
    await authorize();
    await eventually(() => expect(state.received.length).toBeGreaterThan(0));
    await state.provider.stop();
    state.answers = [];
    state.received = [];
    await start();
    await eventually(() => expect(types()).toEqual(["payment.authorized"]));
    await restart();
    await authorize();
    await eventually(() => expect(state.received).toHaveLength(2));
  });

  it("wait for a receiver whose address is told later", async () => {
    await restart({ webhookUrl: null });
    await authorize();
    state.provider.sendWebhooksTo(`${state.receiver.url}/hook`);
    await eventually(() => expect(types()).toEqual(["payment.authorized"]));
  });
});
