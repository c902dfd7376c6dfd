import { type Dashboard, lines, quantiles, query, stat } from "./panel.ts";

const ROUTERS = 'job="router",instance=~"$instance"';

export const router: Dashboard = {
  uid: "supergraph-router",
  title: "Router",
  description: "Rate, errors and duration by operation and by subgraph; breakers, caches, generations and event loop.",
  variables: [
    { name: "instance", label: "Replica", query: 'label_values(up{job="router"}, instance)' },
    {
      name: "subgraph",
      label: "Subgraph",
      query: "label_values(supergraph_subgraph_call_duration_seconds_count, subgraph)",
    },
  ],
  rows: [
    {
      title: "Operations",
      panels: [
        lines("Most frequent", "reqps", [
          query(
            `topk(10, sum by (operation_name, operation_type) (rate(supergraph_operation_duration_seconds_count{${ROUTERS}}[$__rate_interval])))`,
            "{{operation_type}} {{operation_name}}",
          ),
        ]),
        lines("Refused or in part", "reqps", [
          query(
            `topk(10, sum by (operation_name, outcome) (rate(supergraph_operation_duration_seconds_count{${ROUTERS},outcome!="answered"}[$__rate_interval])) > 0)`,
            "{{operation_name}} {{outcome}}",
          ),
        ]),
        lines(
          "Slowest, p99",
          "s",
          [
            query(
              `topk(10, histogram_quantile(0.99, sum by (le, operation_name) (rate(supergraph_operation_duration_seconds_bucket{${ROUTERS},operation_type!="subscription"}[$__rate_interval]))))`,
              "{{operation_name}}",
            ),
          ],
          { redFrom: 0.5 },
        ),
        lines("Errors by code", "ops", [
          query(`sum by (code) (rate(supergraph_graphql_errors_total{${ROUTERS}}[$__rate_interval]))`, "{{code}}"),
        ]),
        lines("Requests in flight", "short", [
          query(`sum by (instance) (supergraph_http_requests_in_flight{${ROUTERS}})`, "{{instance}}"),
        ]),
        lines("Open subscriptions", "short", [
          query(`sum by (instance) (supergraph_subscriptions_open{${ROUTERS}})`, "{{instance}}"),
        ]),
      ],
    },
    {
      title: "Calls of subgraphs",
      panels: [
        lines("Calls", "reqps", [
          query(
            `sum by (subgraph, outcome) (rate(supergraph_subgraph_call_duration_seconds_count{${ROUTERS},subgraph=~"$subgraph"}[$__rate_interval]))`,
            "{{subgraph}} {{outcome}}",
          ),
        ]),
        lines(
          "Failed calls",
          "percentunit",
          [
            query(
              `sum by (subgraph) (rate(supergraph_subgraph_call_duration_seconds_count{${ROUTERS},subgraph=~"$subgraph",outcome!~"answered|shared|abandoned"}[$__rate_interval])) / sum by (subgraph) (rate(supergraph_subgraph_call_duration_seconds_count{${ROUTERS},subgraph=~"$subgraph"}[$__rate_interval]))`,
              "{{subgraph}}",
            ),
          ],
          { redFrom: 0.01 },
        ),
        lines(
          "Duration of calls",
          "s",
          quantiles(`supergraph_subgraph_call_duration_seconds_bucket{${ROUTERS},subgraph=~"$subgraph"}`, ["subgraph"]),
        ),
        {
          kind: "state-timeline",
          title: "Breakers that are open",
          unit: "none",
          width: 8,
          redFrom: 1,
          queries: [
            query(
              `max by (subgraph) (supergraph_subgraph_breaker{${ROUTERS},subgraph=~"$subgraph",state="open"})`,
              "{{subgraph}}",
            ),
          ],
        },
        lines("Calls in flight, and those that wait for their turn", "short", [
          query(
            `sum by (subgraph) (supergraph_subgraph_calls_in_flight{${ROUTERS},subgraph=~"$subgraph"})`,
            "{{subgraph}} in flight",
          ),
          query(
            `sum by (subgraph) (supergraph_subgraph_calls_queued{${ROUTERS},subgraph=~"$subgraph"})`,
            "{{subgraph}} wait",
          ),
        ]),
        lines(
          "Replicas that are left out",
          "short",
          [
            query(
              `max by (subgraph) (supergraph_subgraph_replicas_ejected{${ROUTERS},subgraph=~"$subgraph"})`,
              "{{subgraph}}",
            ),
          ],
          { redFrom: 1 },
        ),
      ],
    },
    {
      title: "Planning and caches",
      panels: [
        lines("Operations found prepared", "percentunit", [
          query(
            `sum(rate(supergraph_document_cache_requests_total{${ROUTERS},result="hit"}[$__rate_interval])) / sum(rate(supergraph_document_cache_requests_total{${ROUTERS}}[$__rate_interval]))`,
            "hits",
          ),
        ]),
        lines("Operations that are kept", "short", [
          query(`sum by (instance) (supergraph_document_cache_entries{${ROUTERS}})`, "{{instance}}"),
        ]),
        lines("Length of their texts", "short", [
          query(`sum by (instance) (supergraph_document_cache_characters{${ROUTERS}})`, "{{instance}} characters"),
        ]),
        lines("Plans made", "ops", [
          query(
            `sum by (outcome) (rate(supergraph_planning_duration_seconds_count{${ROUTERS}}[$__rate_interval]))`,
            "{{outcome}}",
          ),
        ]),
        lines("Time to plan", "s", quantiles(`supergraph_planning_duration_seconds_bucket{${ROUTERS}}`)),
      ],
    },
    {
      title: "Generations",
      panels: [
        stat("Different supergraphs served", "short", `count(count by (hash) (supergraph_generation{${ROUTERS}}))`, {
          redFrom: 2,
        }),
        stat("Last supergraph refused", "short", `max(supergraph_generation_refused{${ROUTERS}})`, { redFrom: 1 }),
        stat("Source can be read", "short", `min(supergraph_source_reachable{${ROUTERS}})`),
        stat("Former generations in use", "short", `sum(supergraph_generations_draining{${ROUTERS}})`),
        lines("Supergraphs offered", "short", [
          query(`sum by (outcome) (increase(supergraph_reloads_total{${ROUTERS}}[$__rate_interval]))`, "{{outcome}}"),
        ]),
        {
          kind: "table",
          title: "What is served",
          unit: "none",
          width: 8,
          queries: [query(`max by (instance, hash) (supergraph_generation{${ROUTERS}})`)],
        },
      ],
    },
    {
      title: "Process",
      panels: [
        lines(
          "Event loop, p99",
          "s",
          [
            query(
              `max by (instance, worker) (nodejs_eventloop_lag_p99_seconds{${ROUTERS}})`,
              "{{instance}} {{worker}}",
            ),
          ],
          { redFrom: 0.5 },
        ),
        lines("CPU", "percentunit", [
          query(`sum by (instance) (rate(process_cpu_seconds_total{${ROUTERS}}[$__rate_interval]))`, "{{instance}}"),
        ]),
        lines("Heap", "bytes", [
          query(`sum by (instance) (nodejs_heap_size_used_bytes{${ROUTERS}})`, "{{instance}} used"),
          query(`sum by (instance) (process_resident_memory_bytes{${ROUTERS}})`, "{{instance}} resident"),
        ]),
        lines("Garbage collection", "percentunit", [
          query(
            `sum by (instance, kind) (rate(nodejs_gc_duration_seconds_sum{${ROUTERS}}[$__rate_interval]))`,
            "{{instance}} {{kind}}",
          ),
        ]),
        lines("Workers that answer", "short", [
          query(`sum by (instance) (supergraph_workers_ready{${ROUTERS}})`, "{{instance}}"),
        ]),
        lines("Workers that ended unasked", "short", [
          query(
            `sum by (instance) (increase(supergraph_worker_deaths_total{${ROUTERS}}[$__rate_interval]))`,
            "{{instance}}",
          ),
        ]),
      ],
    },
  ],
};
