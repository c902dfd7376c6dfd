import { describe, expect, it } from "vitest";
import { Body } from "./body.ts";
import { readHead } from "./response.ts";

const head = readHead(200, { "content-type": "application/json" }, 1_000_000);

const bodyOf = (...chunks: readonly (string | Buffer)[]) => {
  const body = new Body();
  for (const chunk of chunks) body.add(Buffer.from(chunk), true);
  return body.reply(head);
};

describe("the body of a response", () => {
  it("is the text of all its chunks", () => {
    expect(bodyOf().text).toBe("");
    expect(bodyOf("one").text).toBe("one");
    expect(bodyOf("", "one", "", " and two").text).toBe("one and two");
    const text = "äöü☃𝄞".repeat(3_000);
    const bytes = Buffer.from(text);
    expect(bodyOf(...Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))).text).toBe(text);
  });

  it("is only itself where its chunk is part of a larger buffer", () => {
    const body = new Body();
    body.add(Buffer.from("a secret, one, another").subarray(10, 13), true);
    expect(body.reply(head).text).toBe("one");
  });

  it.each([
    ["a byte that begins nothing", [0xff]],
    ["half a character", [0xc3]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a character in too many bytes", [0xc0, 0xaf]],
  ])("cannot be read with %s", (_, bytes) => {
    expect(bodyOf("{}", Buffer.from(bytes))).toMatchObject({ text: null, problem: "not UTF-8" });
  });

  it("is counted only where it is not worth reading", () => {
    const body = new Body();
    expect([body.add(Buffer.from("<html>"), false), body.add(Buffer.from("</html>"), false)]).toEqual([6, 13]);
    expect(body.reply(readHead(200, { "content-type": "text/html" }, 9))).toMatchObject({
      text: null,
      problem: "no GraphQL response",
    });
  });
});
