import { SUBGRAPHS } from "../catalogue.ts";
import { type Dashboard, lines, quantiles, query } from "./panel.ts";

const SUBGRAPH = 'job=~"$subgraph"';

export const subgraphs: Dashboard = {
  uid: "supergraph-subgraphs",
  title: "Subgraphs",
  description: "Rate, errors and duration; outbox, consumers, database pools and processes.",
  variables: [{ name: "subgraph", label: "Subgraph", query: `label_values(up{job=~"${SUBGRAPHS.join("|")}"}, job)` }],
  rows: [
    {
      title: "Requests",
      panels: [
        lines("Requests", "reqps", [
          query(
            `sum by (job, operation, status) (rate(supergraph_http_request_duration_seconds_count{${SUBGRAPH}}[$__rate_interval]))`,
            "{{job}} {{operation}} {{status}}",
          ),
        ]),
        lines("Errors by code", "ops", [
          query(
            `sum by (job, code) (rate(supergraph_graphql_errors_total{${SUBGRAPH}}[$__rate_interval]))`,
            "{{job}} {{code}}",
          ),
        ]),
        lines("Duration", "s", quantiles(`supergraph_http_request_duration_seconds_bucket{${SUBGRAPH}}`, ["job"])),
        lines("Requests in flight", "short", [
          query(`sum by (job) (supergraph_http_requests_in_flight{${SUBGRAPH}})`, "{{job}}"),
        ]),
      ],
    },
    {
      title: "Outbox",
      panels: [
        lines("Not published", "short", [query(`max by (job) (supergraph_outbox_depth{${SUBGRAPH}})`, "{{job}}")], {
          redFrom: 10_000,
        }),
        lines(
          "Oldest of them",
          "s",
          [query(`max by (job) (supergraph_outbox_oldest_seconds{${SUBGRAPH}})`, "{{job}}")],
          {
            redFrom: 60,
          },
        ),
        lines("Published", "ops", [
          query(`sum by (job) (rate(supergraph_outbox_published_total{${SUBGRAPH}}[$__rate_interval]))`, "{{job}}"),
          query(
            `sum by (job) (rate(supergraph_outbox_publish_failures_total{${SUBGRAPH}}[$__rate_interval]))`,
            "{{job}} failed",
          ),
        ]),
        lines("Being published", "short", [
          query(`sum by (job) (supergraph_outbox_publishing{${SUBGRAPH}})`, "{{job}}"),
        ]),
        {
          kind: "state-timeline",
          title: "Who leads the relay",
          unit: "none",
          width: 16,
          queries: [query(`max by (job, instance) (supergraph_relay_leader{${SUBGRAPH}})`, "{{job}} {{instance}}")],
        },
      ],
    },
    {
      title: "Consumers",
      panels: [
        lines(
          "Waiting",
          "short",
          [query(`max by (consumer) (supergraph_consumer_pending{${SUBGRAPH}})`, "{{consumer}}")],
          {
            redFrom: 10_000,
          },
        ),
        lines("In hand", "short", [
          query(`max by (consumer) (supergraph_consumer_unacknowledged{${SUBGRAPH}})`, "{{consumer}}"),
        ]),
        lines("Handled", "ops", [
          query(
            `sum by (consumer) (rate(supergraph_consumer_handled_total{${SUBGRAPH}}[$__rate_interval]))`,
            "{{consumer}}",
          ),
        ]),
        lines("Delivered again", "ops", [
          query(
            `sum by (consumer) (rate(supergraph_consumer_redeliveries_total{${SUBGRAPH}}[$__rate_interval]))`,
            "{{consumer}}",
          ),
        ]),
        lines(
          "Given up, last hour",
          "short",
          [query(`sum by (consumer) (increase(supergraph_dead_letters_total{${SUBGRAPH}}[1h]))`, "{{consumer}}")],
          { redFrom: 1 },
        ),
      ],
    },
    {
      title: "Database pools",
      panels: [
        lines(
          "In use, of what there is",
          "percentunit",
          [
            query(
              `max by (db_client_connection_pool_name) (db_client_connection_count{${SUBGRAPH},db_client_connection_state="used"} / ignoring(db_client_connection_state) db_client_connection_max)`,
              "{{db_client_connection_pool_name}}",
            ),
          ],
          { redFrom: 1 },
        ),
        lines("Without a connection of their own", "short", [
          query(
            `sum by (db_client_connection_pool_name) (db_client_connection_pending_requests{${SUBGRAPH}})`,
            "{{db_client_connection_pool_name}}",
          ),
        ]),
      ],
    },
    {
      title: "Processes",
      panels: [
        lines(
          "Event loop, p99",
          "s",
          [query(`max by (job) (nodejs_eventloop_lag_p99_seconds{${SUBGRAPH}})`, "{{job}}")],
          {
            redFrom: 0.5,
          },
        ),
        lines("CPU", "percentunit", [
          query(
            `sum by (job, instance) (rate(process_cpu_seconds_total{${SUBGRAPH}}[$__rate_interval]))`,
            "{{job}} {{instance}}",
          ),
        ]),
        lines("Memory", "bytes", [
          query(`sum by (job, instance) (process_resident_memory_bytes{${SUBGRAPH}})`, "{{job}} {{instance}}"),
        ]),
        lines("Sources of metrics that could not be read", "ops", [
          query(
            `sum by (job, source) (rate(supergraph_scrape_errors_total{${SUBGRAPH}}[$__rate_interval]))`,
            "{{job}} {{source}}",
          ),
        ]),
      ],
    },
  ],
};
