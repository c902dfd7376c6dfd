import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aRequest, useSandbox } from "./testing/sandbox-harness.ts";

const { state, post, authorize } = useSandbox();

describe("the action page", () => {
  it("asks with two forms, from itself alone, and answers what became of it", async () => {
    const request = aRequest("tok_action_required", { returnUrl: 'http://shop.example/?a="b"&c' });
    const { nextActionUrl } = (await post("/v1/payments", request)).body;
    const page = await fetch(`${nextActionUrl}`);
    const html = await page.text();
    expect(html).toContain("€19.99");
    expect(html).toContain(`action="${new URL(`${nextActionUrl}`).pathname}/confirm"`);
    expect(html).toContain('<html lang="en">');
    expect(html).not.toMatch(/<script|https?:\/\/(?!shop)/);
    const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? "";
    expect(page.headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );

    const answered = await fetch(`${nextActionUrl}/confirm`, { method: "POST" });
    const result = await answered.text();
    expect(result).toContain("Payment confirmed");
    expect(result).toContain('<a href="http://shop.example/?a=&#34;b&#34;&#38;c">');
    expect(await (await fetch(`${nextActionUrl}`)).text()).toContain("Payment confirmed");
  });

  it.each(["", "x", "x/confirm", "x/y/z", "%00", "..%2f"])("knows no page /actions/%s", async (path) => {
    expect((await fetch(`${state.provider.url}/actions/${path}`)).status).toBe(404);
    expect((await fetch(`${state.provider.url}/actions/${path}`, { method: "POST" })).status).toBe(404);
  });

  it("tells that a voided payment needs nothing any more", async () => {
    const { id, nextActionUrl } = await authorize("tok_action_required");
    await post(`/v1/payments/${id}/void`, {});
    expect(await (await fetch(`${nextActionUrl}`)).text()).toContain("Payment cancelled");
  });
});
