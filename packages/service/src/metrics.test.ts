import { afterEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "./log.ts";
import { consumerSources, gauge, type MetricSource, outboxSource, relaySource } from "./metric-sources.ts";
import { createMetrics, type Metrics, type MetricsOptions } from "./metrics.ts";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const metricsOf = (options: Partial<MetricsOptions> = {}): Metrics => {
  const metrics = createMetrics({ log: silentLogger(), rememberMs: 0, ...options });
  stops.push(metrics.stop);
  return metrics;
};

const scrape = async ({ route }: Metrics): Promise<string> => {
  const response = await route.handle({
    method: "GET",
    url: new URL("http://localhost/metrics"),
    headers: {},
    body: Buffer.alloc(0),
    signal: new AbortController().signal,
    isLocal: () => true,
  });
  expect(response.status).toBe(200);
  expect(response.headers?.["content-type"]).toContain("text/plain; version=0.0.4");
  return String(response.body);
};

const depth = (read: () => Promise<number>): MetricSource => ({
  name: "outbox",
  metrics: [gauge("supergraph_outbox_depth", "Messages that wait.")],
  read: async () => [{ metric: "supergraph_outbox_depth", value: await read() }],
});

describe("metrics", () => {
  it("are read from their sources when somebody asks", async () => {
    let value = 3;
    const metrics = metricsOf({
      sources: [
        depth(async () => value),
        relaySource(() => ({ leader: true, inFlight: 2, published: 40, failed: 1, outbox: null })),
      ],
    });
    const first = await scrape(metrics);
    expect(first).toContain("\nsupergraph_outbox_depth 3\n");
    expect(first).toContain("\nsupergraph_relay_leader 1\n");
    expect(first).toContain("# TYPE supergraph_outbox_published_total counter\nsupergraph_outbox_published_total 40\n");
    value = 5;
    const second = await scrape(metrics);
    expect(second).toContain("\nsupergraph_outbox_depth 5\n");
    expect(second).toContain("\nsupergraph_outbox_published_total 40\n");
  });

  it("tell what waits in the outbox as long as somebody could look, and else that nobody could", async () => {
    const numbers = { leader: false, inFlight: 0, published: 0, failed: 0 };
    const sampled = { ...numbers, outbox: { depth: 12, oldestMs: 2_500, sampledAt: 50_000 } };
    const at = (now: number) =>
      metricsOf({
        sources: [
          outboxSource(
            () => sampled,
            () => now,
          ),
        ],
      });
    const text = await scrape(at(51_000));
    expect(text).toContain("supergraph_outbox_depth 12");
    expect(text).toContain("supergraph_outbox_oldest_seconds 2.5");
    const later = await scrape(at(61_000));
    expect(later).not.toMatch(/^supergraph_outbox_depth/m);
    expect(later).toContain('supergraph_scrape_errors_total{source="outbox"} 1');
    const never = await scrape(metricsOf({ sources: [outboxSource(() => ({ ...numbers, outbox: null }))] }));
    expect(never).toContain('supergraph_scrape_errors_total{source="outbox"} 1');
  });

  it("tell a service's own consumers, of a bus that others share, and what only the broker knows of them", async () => {
    const numbers = { handled: 7, redeliveries: 2, deadLetters: 1 };
    const bus = {
      stats: () => [
        { service: "orders", consumer: "orders-a", ...numbers },
        { service: "payments", consumer: "payments-b", ...numbers },
      ],
      lag: async (service: string) => [{ consumer: `${service}-a`, pending: 4, unacknowledged: 3 }],
    };
    const text = await scrape(metricsOf({ sources: consumerSources("orders", bus) }));
    expect(text).toContain('supergraph_consumer_redeliveries_total{consumer="orders-a"} 2');
    expect(text).toContain('supergraph_dead_letters_total{consumer="orders-a"} 1');
    expect(text).toContain('supergraph_consumer_pending{consumer="orders-a"} 4');
    expect(text).toContain('supergraph_consumer_unacknowledged{consumer="orders-a"} 3');
    expect(text).not.toContain("payments-b");
  });

  it("cost a source one read in a while, however often somebody asks", async () => {
    const read = vi.fn(async () => 1);
    const metrics = metricsOf({ rememberMs: 60_000, sources: [depth(read)] });
    await Promise.all([scrape(metrics), scrape(metrics)]);
    await scrape(metrics);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("leave out what a failing source told before, count the failure, and tell the rest", async () => {
    let fails = false;
    const metrics = metricsOf({
      sources: [
        depth(async () => {
          if (fails) throw new Error("connect ECONNREFUSED");
          return 3;
        }),
        {
          name: "sagas",
          metrics: [gauge("supergraph_sagas", "Open sagas.", ["state"])],
          read: () => [{ metric: "supergraph_sagas", value: 2, labels: { state: "RESERVING" } }],
        },
      ],
    });
    expect(await scrape(metrics)).toContain('supergraph_scrape_errors_total{source="outbox"} 0');
    fails = true;
    const failing = await scrape(metrics);
    expect(failing).not.toMatch(/^supergraph_outbox_depth/m);
    expect(failing).toContain('supergraph_scrape_errors_total{source="outbox"} 1');
    expect(failing).toContain('supergraph_sagas{state="RESERVING"} 2');
    fails = false;
    expect(await scrape(metrics)).toMatch(/^supergraph_outbox_depth 3$/m);
  });

  it("do not wait for a source that hangs, nor ask it a second time meanwhile", async () => {
    const read = vi.fn(() => new Promise<number>(() => undefined));
    const metrics = metricsOf({ sourceTimeoutMs: 20, sources: [depth(read)] });
    await scrape(metrics);
    expect(await scrape(metrics)).toContain('supergraph_scrape_errors_total{source="outbox"} 2');
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("forget a label that its source tells no more", async () => {
    let states = ["RESERVING", "CAPTURING"];
    const metrics = metricsOf({
      sources: [
        {
          name: "sagas",
          metrics: [gauge("supergraph_sagas", "Open sagas.", ["state"])],
          read: () => states.map((state) => ({ metric: "supergraph_sagas", value: 1, labels: { state } })),
        },
      ],
    });
    expect(await scrape(metrics)).toContain('state="RESERVING"');
    states = ["CAPTURING"];
    const text = await scrape(metrics);
    expect(text).toContain('state="CAPTURING"');
    expect(text).not.toContain('state="RESERVING"');
  });

  it("time requests by what they asked and how they were answered, also those that threw", async () => {
    const metrics = metricsOf();
    await metrics.requests.measure(async (tell) => {
      tell("mutation");
      return { status: 200 };
    });
    await metrics.requests.measure(async () => ({ status: 401 }));
    const thrown = metrics.requests.measure(async (tell) => {
      tell("query");
      throw new Error("broken");
    });
    await expect(thrown).rejects.toThrow("broken");
    const text = await scrape(metrics);
    for (const labels of ['operation="mutation",status="200"', 'operation="none",status="401"'])
      expect(text).toContain(`supergraph_http_request_duration_seconds_count{${labels}} 1`);
    expect(text).toContain('supergraph_http_request_duration_seconds_count{operation="query",status="500"} 1');
    expect(text).toContain("supergraph_http_requests_in_flight 0");
  });

  it("tell of the process in one server of it, and in the next once that has stopped", async () => {
    const first = metricsOf();
    const second = metricsOf();
    expect(await scrape(first)).toContain("nodejs_eventloop_lag_p99_seconds");
    expect(await scrape(second)).not.toContain("nodejs_eventloop_lag");
    first.stop();
    expect(await scrape(second)).toContain("process_cpu_seconds_total");
  });
});
