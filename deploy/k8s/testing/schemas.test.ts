import { describe, expect, it } from "vitest";
import { problemsOf } from "./schemas.ts";

const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "orders", labels: { any: "thing" } } };

const budget = (spec: object) => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "orders" },
  spec,
});

const cluster = (spec: object) => ({
  apiVersion: "postgresql.cnpg.io/v1",
  kind: "Cluster",
  metadata: { name: "orders-db" },
  spec: {
    instances: 1,
    storage: { size: "1Gi" },
    imageCatalogRef: { kind: "ClusterImageCatalog", name: "postgresql", major: 17 },
    ...spec,
  },
});

describe("the problems of an object", () => {
  it("are none where its schema takes it, with labels of any name", () => {
    expect(problemsOf(account)).toEqual([]);
    expect(problemsOf(budget({ maxUnavailable: 1, selector: { matchLabels: { any: "thing" } } }))).toEqual([]);
    expect(problemsOf(cluster({}))).toEqual([]);
  });

  it.each([
    ["of a wrong type", budget({ maxUnavailable: 1, selector: "orders" }), "selector"],
    ["that the schema does not know", budget({ maxUnavailble: 1 }), "/spec/maxUnavailble is not known"],
    ["unknown far below", budget({ selector: { matchLabel: {} } }), "/spec/selector/matchLabel is not known"],
    ["unknown at the top", { ...account, automount: false }, "/automount is not known"],
    ["of a database that is unknown", cluster({ replicas: 3 }), "must NOT have additional properties"],
    ["of a database of a wrong type", cluster({ instances: "3" }), "must be integer"],
  ])("tell of a field %s", (_, object, problem) => {
    expect(problemsOf(object).join("\n")).toContain(problem);
  });

  it("tell of a kind that has no schema", () => {
    expect(problemsOf({ ...account, kind: "Serviceaccount" })[0]).toContain("there is no schema of v1 Serviceaccount");
  });
});
