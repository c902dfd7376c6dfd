import { diff } from "@graphql-inspector/core";
import { it } from "vitest";
import { apiFindings } from "/work/main/schema/src/changes/api.ts";
import { costFindings } from "/work/main/schema/src/changes/cost.ts";
import { federationFindings } from "/work/main/schema/src/changes/federation.ts";
import { securityFindings } from "/work/main/schema/src/changes/security.ts";
import { comparisonOf, LINK } from "/work/main/schema/src/changes/testing/comparison.ts";

const graph = (edit: (n: number, sdl: string) => string) =>
  Object.fromEntries(
    Array.from({ length: 300 }, (_, n) => {
      const types = Array.from(
        { length: 10 },
        (_, t) =>
          `type T${n}_${t} @key(fields: "id") { id: ID! name: String price: Int @deprecated related(first: Int = 10): [T${n}_${t === 9 ? 9 : t + 1}!]! other: T${n % 10 === 9 ? n : n + 1}_${t} }`,
      ).join("\n");
      const next = n % 10 === 9 ? n - 1 : n + 1;
      const stubs = Array.from(
        { length: 10 },
        (_, t) => `type T${next}_${t} @key(fields: "id") { id: ID! f${n}: Int @authenticated }`,
      ).join("\n");
      return [`s${n}`, edit(n, `type Query { q${n}: T${n}_0 }\n${types}\n${stubs}`)];
    }),
  );
it("is fast", async () => {
  for (const all of [false, true]) {
    const t0 = performance.now();
    const comparison = await comparisonOf({
      base: graph((_, sdl) => sdl),
      head: graph((n, sdl) =>
        all || n === 7
          ? sdl
              .replace(" price: Int @deprecated", "")
              .replace("f" + n + ": Int @authenticated", "f" + n + ": Int")
              .replace('@key(fields: "id") { id: ID! name', '@key(fields: "id") @key(fields: "name") { id: ID! name')
          : sdl,
      ),
      operations: Object.fromEntries(
        Array.from({ length: 300 }, (_, n) => [
          `shop/O${n}.graphql`,
          `query O${n} { q${n} { id name related { id name related { name price } } } }`,
        ]),
      ),
    });
    const t1 = performance.now();
    await diff(comparison.base.api, comparison.head.api);
    const t2 = performance.now();
    const api = await apiFindings(comparison);
    const t3 = performance.now();
    const fed = federationFindings(comparison);
    const t4 = performance.now();
    const sec = securityFindings(comparison);
    const t5 = performance.now();
    const cost = costFindings(comparison);
    const t6 = performance.now();
    process.stdout.write(
      JSON.stringify({
        all,
        open: t1 - t0,
        inspector: t2 - t1,
        api: t3 - t2,
        fed: t4 - t3,
        sec: t5 - t4,
        cost: t6 - t5,
        n: [api.length, fed.length, sec.length, cost.length],
      }) + "\n",
    );
  }
}, 1e9);
