import { describe, expect, it } from "vitest";
import { firstMessageOf } from "./connection-socket.ts";

const startup = (user: string): Buffer => {
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(`user\0${user}\0\0`)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
};

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

describe("the first message on a connection", () => {
  it("is what postgres.js wrote where nothing was left over", () => {
    for (const message of [startup("orders"), sslRequest, Buffer.from("anything else")])
      expect(firstMessageOf(message)).toEqual(message);
  });

  it("is the last start-up message, without what an earlier connection and attempts had left", () => {
    const stale = Buffer.from([81, 0, 0, 0, 10, 0, 3, 0, 0, 1, 2]);
    expect(firstMessageOf(Buffer.concat([stale, startup("a"), startup("b"), startup("orders")]))).toEqual(
      startup("orders"),
    );
    expect(firstMessageOf(Buffer.concat([stale, sslRequest, sslRequest]))).toEqual(sslRequest);
  });
});
