import type { Requirement } from "@supergraph/service/authorization";
import { describe, expect, it } from "vitest";
import { compareRequirements, whomItAdmits } from "./requirements.ts";

const signedIn: Requirement = { authenticated: true, scopes: [] };
const scopes = (...alternatives: string[][]): Requirement => ({ authenticated: false, scopes: alternatives });

describe("a changed demand on the viewer", () => {
  it.each<[string, Requirement | undefined, Requirement | undefined, string]>([
    ["nothing for being signed in", undefined, signedIn, "tightened"],
    ["being signed in for nothing", signedIn, undefined, "relaxed"],
    ["a scope for being signed in", signedIn, scopes(["a"]), "tightened"],
    ["being signed in for a scope", scopes(["a"]), signedIn, "relaxed"],
    ["two scopes for one of them", scopes(["a"]), scopes(["a", "b"]), "tightened"],
    ["one scope for both", scopes(["a", "b"]), scopes(["a"]), "relaxed"],
    ["another alternative", scopes(["a"]), scopes(["a"], ["b"]), "relaxed"],
    ["one alternative less", scopes(["a"], ["b"]), scopes(["b"]), "tightened"],
    ["another scope", scopes(["a"]), scopes(["b"]), "incomparable"],
    ["an alternative taken and one given", scopes(["a"], ["b"]), scopes(["b"], ["c"]), "incomparable"],
    ["the same in another order", scopes(["a", "b"], ["c"]), scopes(["c"], ["b", "a"]), "same"],
    ["an alternative that asks for more than another one", scopes(["a"]), scopes(["a"], ["a", "b"]), "same"],
    [
      "being signed in, beside a scope, which includes it",
      scopes(["a"]),
      { ...scopes(["a"]), authenticated: true },
      "same",
    ],
    ["nothing, said in words", undefined, scopes(), "same"],
    ["no scope in particular, which is being signed in", signedIn, scopes([]), "same"],
  ])("by %s", (_, before, after, change) => {
    expect(compareRequirements(before, after)).toBe(change);
  });

  it("is told by whom it admits", () => {
    expect([undefined, signedIn, scopes([]), scopes(["b", "a"], ["c"])].map(whomItAdmits)).toEqual([
      "anybody",
      "whoever is signed in",
      "whoever is signed in",
      "whoever has a and b, or c",
    ]);
  });
});
