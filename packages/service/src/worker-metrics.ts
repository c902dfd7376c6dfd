import { AggregatorRegistry } from "prom-client";
import type { HttpResponse } from "./http.ts";
import { type MetricFamily, type MetricsSnapshot, metricsResponse } from "./metrics.ts";

/** The numbers of several processes, told as if they were one. */
export interface WorkerMetrics {
  /** `label` tells what the process alone can say from what the others say: "1" for the first worker. */
  response(processes: readonly { readonly label: string; readonly snapshot: MetricsSnapshot }[]): Promise<HttpResponse>;
  /** A process has ended: what it counted stays counted, since a total that falls would be read as a new start. */
  retire(last: MetricsSnapshot): void;
}

export const createWorkerMetrics = (): WorkerMetrics => {
  let retired: Promise<readonly MetricFamily[]> = Promise.resolve([]);
  return {
    async response(processes) {
      const told = processes.flatMap(({ label, snapshot }) => [
        finite(snapshot.summed),
        finite(snapshot.ofEach).map((family) => labelled(family, label)),
      ]);
      return metricsResponse(AggregatorRegistry.aggregate([...told, await retired]));
    },
    retire(last) {
      const totals = finite(totalsOf(last).summed);
      retired = retired.then((before) => AggregatorRegistry.aggregate([before, totals]).getMetricsAsJSON());
    },
  };
};

/** What a process has counted, without what was true of it when it was asked. */
export const totalsOf = ({ summed }: MetricsSnapshot): MetricsSnapshot => ({
  summed: summed.filter(isTotal),
  ofEach: [],
});

/** prom-client's types have numbers; JSON has strings. */
const isTotal = ({ type }: MetricFamily): boolean => ["counter", "histogram"].includes(String(type));

/** What is not a number yet, such as the mean of nothing, is null in JSON. */
const finite = (families: readonly MetricFamily[]): MetricFamily[] =>
  families.map((family) => ({ ...family, values: family.values.filter(({ value }) => Number.isFinite(value)) }));

/** Labels make each of them the only one: the sum is itself, whatever prom-client would do with several. */
const labelled = (family: MetricFamily, worker: string): MetricFamily => ({
  ...family,
  aggregator: "sum",
  values: family.values.map((value) => ({ ...value, labels: { ...value.labels, worker } })),
});
