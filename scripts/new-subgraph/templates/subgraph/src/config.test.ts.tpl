import { describe, expect, it } from "vitest";
import { parse{{Name}}Config } from "./config.ts";

const complete = {
  {{NAME}}_DATABASE_URL: "postgres://{{name}}:secret@localhost:5432/{{name}}",
  ROUTER_PUBLIC_KEYS: '{"keys":[{"kty":"OKP","kid":"1"}]}',
};

describe("the environment", () => {
  it("needs the database and the router's keys; the rest has defaults", () => {
    expect(parse{{Name}}Config(complete)).toMatchObject({ host: "127.0.0.1", port: {{port}}, logLevel: "info" });
  });

  it.each([
    ["{{NAME}}_DATABASE_URL", undefined],
    ["{{NAME}}_DATABASE_URL", "mysql://x"],
    ["ROUTER_PUBLIC_KEYS", "{}"],
    ["{{NAME}}_PORT", "70000"],
    ["LOG_LEVEL", "loud"],
  ])("names %s when it is %s", (name, value) => {
    expect(() => parse{{Name}}Config({ ...complete, [name]: value })).toThrow(
      new RegExp(`^${name} .*Example: ${name}=`),
    );
  });

  it("names every variable that is missing at once", () => {
    expect(() => parse{{Name}}Config({})).toThrow(/{{NAME}}_DATABASE_URL.*ROUTER_PUBLIC_KEYS/s);
  });
});
