import { describe, expect, it } from "vitest";
import { byResemblance, MAX_SEARCH_LENGTH, readSearch } from "./search.ts";

describe("a search", () => {
  it.each([null, undefined, "", "   ", "&|!:*()", "-- ??", "🎧", "\0\t\n"])("is none for %j", (typed) => {
    expect(readSearch(typed)).toEqual({ kind: "none" });
  });

  it("keeps what was typed, without what no database text can have", () => {
    expect(readSearch(' "Desk lamp" or\0 Müller\ud800 🎧 ')).toEqual({
      kind: "search",
      text: '"Desk lamp" or  Müller  🎧',
    });
  });

  it("puts accents on their letters", () => {
    expect(readSearch("Mu\u0308ller")).toEqual({ kind: "search", text: "Müller" });
  });

  it("may have 200 characters, each emoji one of them", () => {
    expect(readSearch(`a${"🎧".repeat(MAX_SEARCH_LENGTH - 1)}`).kind).toBe("search");
    expect(readSearch("a".repeat(MAX_SEARCH_LENGTH + 1))).toEqual({ kind: "tooLong" });
  });

  it("by resemblance looks for each word once, and for eight at most", () => {
    expect(byResemblance("Keybord, keybord & USB-C हिन्दी")).toEqual({
      kind: "resembling",
      words: ["keybord", "usb", "c", "हिन्दी"],
    });
    expect(byResemblance("a b c d e f g h i j")).toEqual({
      kind: "resembling",
      words: ["a", "b", "c", "d", "e", "f", "g", "h"],
    });
  });
});
