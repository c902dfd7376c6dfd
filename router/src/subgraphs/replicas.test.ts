import { silentLogger } from "@supergraph/service";
import { describe, expect, it } from "vitest";
import { createReplicas, type Replica } from "./replicas.ts";
import { SubgraphSettings } from "./settings.ts";

/** @param chances What `random` answers, in turn and again. */
const someReplicas = (count: number, ejection: object | false = {}, chances: readonly number[] = [0]) => {
  let now = 0;
  let drawn = 0;
  const replicas = createReplicas({
    name: "books",
    urls: Array.from({ length: count }, (_, index) => `http://127.0.0.1:${9_000 + index}/graphql?a=b`),
    settings: SubgraphSettings.parse({ ejection }),
    log: silentLogger(),
    now: () => now,
    random: () => {
      drawn += 1;
      return chances[(drawn - 1) % chances.length] ?? 0;
    },
  });
  /** `times` calls of the replica at `index` that end alike. */
  const use = (index: number, health: "ill" | "alive" | "unknown", times = 1) => {
    for (let left = times, tries = 0; left > 0 && tries < 1_000; tries += 1) {
      const replica = replicas.pick();
      if (replica.index === index) left -= 1;
      replicas.release(replica, replica.index === index ? health : "unknown");
    }
  };
  const ejected = () => replicas.state.filter((replica) => replica.ejected).map(({ index }) => index);
  const picks = (times: number) =>
    new Set(
      Array.from({ length: times }, () => {
        const replica = replicas.pick();
        replicas.release(replica, "unknown");
        return replica.index;
      }),
    );
  return {
    replicas,
    use,
    ejected,
    picks,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
};

const chances = [0, 0.5, 0.3, 0.9, 0.6, 0.1, 0.99, 0.4, 0.75];

describe("the replicas of a subgraph", () => {
  it("are called at the path and query of their URL", () => {
    expect(someReplicas(1).replicas.pick()).toMatchObject({ index: 0, path: "/graphql?a=b" });
  });

  it("get the call where less is under way, of two by chance", () => {
    const { replicas } = someReplicas(2);
    const taken: Replica[] = [replicas.pick(), replicas.pick(), replicas.pick(), replicas.pick()];
    expect(taken.map(({ index }) => index).sort()).toEqual([0, 0, 1, 1]);
    for (const replica of taken) if (replica.index === 1) replicas.release(replica, "alive");
    expect([replicas.pick().index, replicas.pick().index]).toEqual([1, 1]);
  });

  it("are all called", () => {
    expect(someReplicas(5, {}, chances).picks(100).size).toBe(5);
  });

  it("are not asked twice in a row where there is another", () => {
    const { replicas } = someReplicas(3, {}, chances);
    for (let call = 0; call < 50; call += 1) {
      const replica = replicas.pick();
      expect(replicas.pick(replica)).not.toBe(replica);
    }
    const single = someReplicas(1).replicas;
    const only = single.pick();
    expect(single.pick(only)).toBe(only);
  });
});

describe("a replica that fails", () => {
  it("is left out after so many failures in a row", () => {
    const { use, ejected, picks } = someReplicas(3, {}, chances);
    use(1, "ill", 4);
    use(1, "alive");
    use(1, "ill", 4);
    expect(ejected()).toEqual([]);
    use(1, "ill");
    expect(ejected()).toEqual([1]);
    expect(picks(100)).toEqual(new Set([0, 2]));
  });

  it("gets one call to prove itself after its time, and is back when that is answered", () => {
    const { replicas, use, ejected, pass } = someReplicas(2, { maxEjectedRatio: 0.5 });
    use(0, "ill", 5);
    pass(5_000);
    const trial = replicas.pick();
    expect([trial.index, replicas.pick().index, replicas.pick().index]).toEqual([0, 1, 1]);
    expect(ejected()).toEqual([0]);
    replicas.release(trial, "alive");
    expect(ejected()).toEqual([]);
  });

  it("is left out longer each time that it does not", () => {
    const { replicas, use, ejected, pass, picks } = someReplicas(2);
    use(0, "ill", 5);
    for (const ejectedMs of [5_000, 10_000, 15_000]) {
      pass(ejectedMs - 1);
      expect(picks(10)).toEqual(new Set([1]));
      pass(1);
      const trial = replicas.pick();
      expect(trial.index).toBe(0);
      replicas.release(trial, "ill");
    }
    expect(ejected()).toEqual([0]);
  });

  it("gets another call when that proved nothing", () => {
    const { replicas, use, pass } = someReplicas(2);
    use(0, "ill", 5);
    pass(5_000);
    const trial = replicas.pick();
    replicas.release(trial, "unknown");
    expect(replicas.pick().index).toBe(0);
  });

  it("does not come back by an answer to what it was asked before", () => {
    const { replicas, use, ejected } = someReplicas(2);
    const early = replicas.pick();
    expect(early.index).toBe(0);
    const busy = replicas.pick();
    use(0, "ill", 5);
    replicas.release(early, "alive");
    replicas.release(busy, "alive");
    expect(ejected()).toEqual([0]);
  });

  it("is not left out when too many are already, nor when it is the only one", () => {
    const { use, ejected } = someReplicas(3, { maxEjectedRatio: 0.5 }, chances);
    use(0, "ill", 5);
    use(1, "ill", 20);
    expect(ejected()).toEqual([0]);
    const single = someReplicas(1, { maxEjectedRatio: 1 });
    single.use(0, "ill", 50);
    expect(single.ejected()).toEqual([]);
  });

  it("is called all the same when all are left out", () => {
    const { replicas, use, ejected } = someReplicas(2, { maxEjectedRatio: 1 });
    use(0, "ill", 5);
    use(1, "ill", 5);
    expect(ejected()).toEqual([0, 1]);
    expect(replicas.pick()).toBeDefined();
  });

  it("stays where nobody is to be left out", () => {
    const { use, ejected } = someReplicas(2, false);
    use(0, "ill", 50);
    expect(ejected()).toEqual([]);
  });
});
