import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "./log.ts";
import { counter, gauge, type MetricSource } from "./metric-sources.ts";
import { createMetrics, type MetricsSnapshot } from "./metrics.ts";
import { createWorkerMetrics, totalsOf } from "./worker-metrics.ts";

const source = (orders: number, depth: number, state: number): MetricSource => ({
  name: "shop",
  metrics: [
    counter("shop_orders_total", "Orders.", ["country"]),
    gauge("shop_depth", "What waits."),
    { ...gauge("shop_state", "What state it is in."), ofEachWorker: true },
  ],
  read: () => [
    { metric: "shop_orders_total", value: orders, labels: { country: "se" } },
    { metric: "shop_depth", value: depth },
    { metric: "shop_state", value: state },
  ],
});

/** As it comes from another process. */
const snapshotOf = async (orders: number, depth: number, state: number, seconds: number): Promise<MetricsSnapshot> => {
  const metrics = createMetrics({ log: silentLogger(), sources: [source(orders, depth, state)] });
  onTestFinished(() => metrics.stop());
  metrics.durations("shop_call_seconds", "Calls.", ["to"])({ to: "orders" }, seconds);
  return JSON.parse(JSON.stringify(await metrics.snapshot())) as MetricsSnapshot;
};

const textOf = async (told: ReturnType<typeof createWorkerMetrics>, ...snapshots: MetricsSnapshot[]) => {
  const response = await told.response(snapshots.map((snapshot, index) => ({ label: String(index + 1), snapshot })));
  return String(response.body);
};

describe("the numbers of several workers", () => {
  it("are one sum, of histograms each bucket's", async () => {
    const text = await textOf(createWorkerMetrics(), await snapshotOf(3, 1, 0, 0.02), await snapshotOf(4, 2, 1, 3));
    expect(text).toContain('\nshop_orders_total{country="se"} 7\n');
    expect(text).toContain("\nshop_depth 3\n");
    expect(text).toContain('\nshop_call_seconds_bucket{le="0.025",to="orders"} 1\n');
    expect(text).toContain('\nshop_call_seconds_bucket{le="+Inf",to="orders"} 2\n');
    expect(text).toContain('\nshop_call_seconds_sum{to="orders"} 3.02\n');
    expect(text).toContain('\nshop_call_seconds_count{to="orders"} 2\n');
  });

  it("are each worker's own where a sum says nothing", async () => {
    const text = await textOf(createWorkerMetrics(), await snapshotOf(3, 1, 0, 1), await snapshotOf(4, 2, 1, 1));
    expect(text).toContain('\nshop_state{worker="1"} 0\nshop_state{worker="2"} 1\n');
    expect(text).toMatch(/^process_resident_memory_bytes\{worker="1"\} \d+$/m);
    expect(text).toMatch(/^process_start_time_seconds\{worker="1"\} [\d.]+$/m);
  });

  it("are left out where there are none, rather than told as something else", async () => {
    // As JSON has what is not a number.
    const text = JSON.stringify(await snapshotOf(3, 77, 0, 1)).replaceAll('"value":77,', '"value":null,');
    const told = await textOf(createWorkerMetrics(), JSON.parse(text) as MetricsSnapshot);
    expect(told).toContain("# TYPE shop_depth gauge");
    expect(told).not.toMatch(/^shop_depth/m);
    expect(await textOf(createWorkerMetrics())).toBe("\n");
  });

  it("never fall when a worker ends: what it counted stays, what was true of it does not", async () => {
    const told = createWorkerMetrics();
    const [ended, other] = [await snapshotOf(3, 1, 5, 0.02), await snapshotOf(4, 2, 6, 3)];
    told.retire(ended);
    const text = await textOf(told, other);
    expect(text).toContain('\nshop_orders_total{country="se"} 7\n');
    expect(text).toContain('\nshop_call_seconds_count{to="orders"} 2\n');
    expect(text).toContain("\nshop_depth 2\n");
    expect(text).toContain('\nshop_state{worker="1"} 6\n');
    expect(text).not.toContain('shop_state{worker="1"} 5');
    told.retire(other);
    told.retire(await snapshotOf(10, 1, 1, 1));
    expect(await textOf(told)).toContain('\nshop_orders_total{country="se"} 17\n');
  });

  it("of one that does not answer are what it had counted", async () => {
    const text = await textOf(createWorkerMetrics(), totalsOf(await snapshotOf(3, 1, 0, 1)));
    expect(text).toContain('\nshop_orders_total{country="se"} 3\n');
    expect(text).not.toContain("shop_depth");
    expect(text).not.toContain("shop_state");
  });
});
