import { describe, expect, it } from "vitest";
import { createOwedAnswers } from "./owed-answers.ts";

const message = (type: string, body = ""): Buffer => {
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeUInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([header, Buffer.from(body)]);
};

const SYNC = message("S");
const READY = message("Z", "I");
const QUERY = message("Q", "select 1\0");
const DESCRIBE = [message("P", "s\0select $1\0"), message("D", "Ss\0"), message("H")];
const BIND = [message("B", "…"), message("E", "…"), SYNC];
const ROW = message("D", "a row with a Z, an S and a t");

const opened = () => {
  const owed = createOwedAnswers();
  owed.received(Buffer.concat([message("R", "\0\0\0\0"), message("S", "TimeZone\0UTC\0"), READY]));
  return owed;
};

describe("the answers that a connection is owed", () => {
  it("include that to its opening", () => {
    expect(createOwedAnswers().any()).toBe(true);
    expect(opened().any()).toBe(false);
  });

  it("are one to each simple query and each Sync, however the messages come in pieces", () => {
    const owed = opened();
    owed.sent(QUERY);
    owed.sent(Buffer.concat(BIND));
    const first = Buffer.concat([ROW, message("C", "SELECT 1\0"), READY]);
    const second = Buffer.concat([message("2"), ROW, message("C", "SELECT 1\0"), READY]);
    for (const byte of Buffer.concat([first, second.subarray(0, -1)]).subarray(0, -5)) owed.received(Buffer.of(byte));
    expect(owed.any()).toBe(true);
    owed.received(second.subarray(-6));
    expect(owed.any()).toBe(false);
  });

  it("include one to a Describe, after which the rest is sent", () => {
    const owed = opened();
    owed.sent(Buffer.concat(DESCRIBE));
    expect(owed.any()).toBe(true);
    owed.received(Buffer.concat([message("1"), message("t", "\0\x01…"), message("T", "…")]));
    expect(owed.any()).toBe(false);
    owed.sent(Buffer.concat(BIND));
    expect(owed.any()).toBe(true);
    owed.received(READY);
    expect(owed.any()).toBe(false);
  });

  it("still include that to a Describe when a statement before it was answered", () => {
    const owed = opened();
    owed.sent(Buffer.concat(BIND));
    owed.sent(Buffer.concat(DESCRIBE));
    owed.received(Buffer.concat([ROW, READY]));
    expect(owed.any()).toBe(true);
  });

  it("are settled by an error and the end of its statement", () => {
    const owed = opened();
    owed.sent(Buffer.concat(DESCRIBE));
    owed.received(message("E", "SERROR\0C42601\0\0"));
    owed.sent(SYNC);
    expect(owed.any()).toBe(true);
    owed.received(READY);
    expect(owed.any()).toBe(false);
  });
});
