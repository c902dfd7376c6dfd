import { describe, expect, it } from "vitest";
import { escaped, html, raw } from "./markup.ts";

describe("markup", () => {
  it("escapes whatever is put in, in text and in attributes", () => {
    const hostile = `"><script>alert('1')</script>&amp;`;
    expect(html`<a title="${hostile}">${hostile}</a>`.markup).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</a>',
    );
  });

  it("puts markup into markup as it is, and lists one after another", () => {
    expect(html`<ul>${["<a>", "b"].map((text) => html`<li>${text}</li>`)}</ul>${raw("<hr>")}`.markup).toBe(
      "<ul><li>&lt;a&gt;</li><li>b</li></ul><hr>",
    );
  });

  it("writes nothing for what is absent, and zero for zero", () => {
    expect(html`${null}${undefined}${false}${0}${[]}`.markup).toBe("0");
  });

  it("spells out what turns the direction of text or cannot be seen, but leaves joined emoji whole", () => {
    expect(escaped("a\u202eb\u0000c\ud800")).toBe("a\\u{202e}b\\u{0}c\\u{d800}");
    expect(escaped("👩‍💻")).toBe("👩‍💻");
  });
});
