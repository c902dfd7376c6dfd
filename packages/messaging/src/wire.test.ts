import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aMessage } from "./testing/messages.ts";
import { decodeMessage, encodeMessage, KEY_HEADER } from "./wire.ts";

describe("a message on the wire", () => {
  it("is the same after encoding and decoding, whatever its key and data", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.jsonValue({ stringUnit: "grapheme" }), (key, data) => {
        // -0 is 0 in JSON.
        const message = aMessage("evt_1", {
          key,
          data: JSON.parse(JSON.stringify(data)),
          headers: { traceparent: "00" },
        });
        const decoded = decodeMessage({ subject: message.subject, ...encodeMessage(message) }, "fallback");
        expect(decoded).toEqual({ kind: "message", message });
      }),
    );
  });

  it("has headers that any broker takes", () => {
    expect(encodeMessage(aMessage("evt_1", { key: "ord_ä\r\nX: y" })).headers).toEqual({
      [KEY_HEADER]: "ord_%C3%A4%0D%0AX%3A%20y",
    });
  });

  it("keeps the broker's own headers from the handler", () => {
    const { headers, body } = encodeMessage(aMessage("evt_1"));
    const wire = { subject: "a.b", body, headers: { ...headers, "Nats-Msg-Id": "evt_1", traceparent: "00" } };
    expect(decodeMessage(wire, "fallback").message.headers).toEqual({ traceparent: "00" });
  });

  it.each([
    ["no JSON", "{"],
    ["a number", "1"],
    ["an array", "[]"],
    ["an envelope without data's siblings", '{"data":1}'],
    ["a time that is none", JSON.stringify({ ...aMessage("evt_1").envelope, time: "yesterday" })],
    ["version 0", JSON.stringify({ ...aMessage("evt_1").envelope, version: 0 })],
    ["an empty id", JSON.stringify({ ...aMessage("evt_1").envelope, id: "" })],
  ])("is undecodable with %s, and then keeps the text and a name", (_, text) => {
    const body = new TextEncoder().encode(text);
    const decoded = decodeMessage({ subject: "a.b", headers: {}, body }, "17@1");
    expect(decoded).toMatchObject({
      kind: "undecodable",
      message: { subject: "a.b", key: "", envelope: { id: "17@1", type: "undecodable", data: text } },
    });
  });

  it("is undecodable when it is not UTF-8, or its key not what we encoded, without throwing", () => {
    const wire = { subject: "a.b", headers: { [KEY_HEADER]: "%E0%A4%A" }, body: Uint8Array.of(0xff, 0xfe) };
    expect(decodeMessage(wire, "1@1")).toMatchObject({ kind: "undecodable", message: { key: "%E0%A4%A" } });
  });
});
