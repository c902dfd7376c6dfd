import { OBJECTIVES, ratioOf } from "../objectives.ts";
import { type Dashboard, lines, quantiles, query, stat } from "./panel.ts";

/** The overview: whether what is promised is kept, and where to look if not. */
export const shop: Dashboard = {
  uid: "supergraph-shop",
  title: "Shop: overview and objectives",
  description: "Whether what is promised is kept, and where to look if not.",
  rows: [
    {
      title: "Now",
      panels: [
        stat("Alerts that page", "short", 'count(ALERTS{alertstate="firing",severity="page"}) or vector(0)', {
          redFrom: 1,
        }),
        stat("Alerts for working hours", "short", 'count(ALERTS{alertstate="firing",severity="ticket"}) or vector(0)'),
        stat("Requests", "reqps", 'sum(rate(supergraph_http_request_duration_seconds_count{job="router"}[5m]))'),
        stat("Paid, last hour", "short", 'sum(increase(supergraph_checkouts_total{outcome="PAID"}[1h]))'),
        stat("Checkouts under way", "short", "sum(max by (state) (supergraph_sagas))"),
        stat("Processes that answer", "short", 'sum(up{job!="prometheus"})'),
      ],
    },
    {
      title: "Objectives: how fast the budget of 30 days is used up (1: in 30 days)",
      panels: OBJECTIVES.flatMap(({ name, title, budget }) => [
        lines(
          title,
          "none",
          (["5m", "1h", "6h", "3d"] as const).map((window) => query(`${ratioOf(name, window)} / ${budget}`, window)),
          {
            width: 12,
            redFrom: 14.4,
            description: "Somebody is called from 14.4 over an hour or 6 over six hours on.",
          },
        ),
      ]),
    },
    {
      title: "Requests",
      panels: [
        lines(
          "Requests by operation and status",
          "reqps",
          [
            query(
              'sum by (operation, status) (rate(supergraph_http_request_duration_seconds_count{job="router"}[$__rate_interval]))',
            ),
          ],
          { stacked: true },
        ),
        lines("Faults of ours", "reqps", [
          query('sum by (operation) (rate(supergraph_request_faults_total{job="router"}[$__rate_interval]))'),
        ]),
        lines(
          "Latency of queries and mutations",
          "s",
          quantiles('supergraph_operation_duration_seconds_bucket{operation_type=~"query|mutation"}', [
            "operation_type",
          ]),
          { redFrom: 0.5 },
        ),
      ],
    },
    {
      title: "Checkouts and messages",
      panels: [
        lines(
          "Checkouts by how they ended",
          "ops",
          [query("sum by (outcome) (rate(supergraph_checkouts_total[$__rate_interval]))")],
          { stacked: true },
        ),
        lines("Oldest message that is not published", "s", [query("max by (job) (supergraph_outbox_oldest_seconds)")], {
          redFrom: 60,
        }),
        lines(
          "Dead letters, last hour",
          "short",
          [query("sum by (job, consumer) (increase(supergraph_dead_letters_total[1h])) > 0")],
          { redFrom: 1 },
        ),
      ],
    },
    {
      title: "Processes",
      panels: [
        lines("CPU", "percentunit", [query("sum by (job) (rate(process_cpu_seconds_total[$__rate_interval]))")]),
        lines("Memory", "bytes", [query("sum by (job) (process_resident_memory_bytes)")]),
        lines("Event loop, p99", "s", [query("max by (job) (nodejs_eventloop_lag_p99_seconds)")], { redFrom: 0.5 }),
      ],
    },
  ],
};
