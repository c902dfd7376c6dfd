import { describe, expect, it, vi } from "vitest";
import { onDeparture, stay } from "./departure.ts";

describe("the departure of a client", () => {
  it("is told to all who asked and did not take it back, once", () => {
    const client = new AbortController();
    const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()];
    for (const leave of [first, second, third]) onDeparture(client.signal, leave);
    stay(client.signal, second);
    client.abort();
    client.abort();
    expect([first, second, third].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 1]);
  });

  it("costs one listener, however many ask", () => {
    const { signal } = new AbortController();
    const listen = vi.spyOn(signal, "addEventListener");
    for (let call = 0; call < 100; call += 1) onDeparture(signal, vi.fn());
    expect(listen).toHaveBeenCalledTimes(1);
  });

  it("of another client is none of theirs", () => {
    const [client, other] = [new AbortController(), new AbortController()];
    const leave = vi.fn();
    onDeparture(client.signal, leave);
    stay(other.signal, leave);
    other.abort();
    expect(leave).not.toHaveBeenCalled();
    client.abort();
    expect(leave).toHaveBeenCalledTimes(1);
  });
});
