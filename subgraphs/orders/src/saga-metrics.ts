import { gauge, type MetricSource } from "@supergraph/service";
import type { Db } from "./db/connection.ts";
import { sagaAges } from "./db/sagas.ts";

const OPEN = "supergraph_sagas";
const OLDEST = "supergraph_saga_oldest_seconds";

/** The checkouts that are under way. The same from each replica: not to be summed over them. */
export const sagaSource = (db: Db, now: () => Date): MetricSource => ({
  name: "sagas",
  metrics: [
    gauge(OPEN, "Checkouts that have not come to an end, by what they wait for.", ["state"]),
    gauge(OLDEST, "Since when the one that has been in the state for longest is in it; 0 where none is.", ["state"]),
  ],
  async read() {
    const ages = await sagaAges(db, now());
    return ages.flatMap(({ state, count, oldestSeconds }) => [
      { metric: OPEN, value: count, labels: { state } },
      { metric: OLDEST, value: oldestSeconds, labels: { state } },
    ]);
  },
});
