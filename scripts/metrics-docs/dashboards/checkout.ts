import { type Dashboard, lines, query, stat } from "./panel.ts";

const DECIDED_BY_US = 'outcome!~"CUSTOMER|ADMIN|UNCONFIRMED"';

export const checkout: Dashboard = {
  uid: "supergraph-checkout",
  title: "Checkout",
  description: "The saga of each order: what it waits for, how it ends, and what is refused at the door.",
  rows: [
    {
      title: "Ends",
      panels: [
        stat(
          "Decided in time, last day",
          "percentunit",
          `1 - sum(increase(supergraph_checkouts_total{outcome="TIMED_OUT"}[1d])) / sum(increase(supergraph_checkouts_total{${DECIDED_BY_US}}[1d]))`,
        ),
        stat(
          "Paid, of all of the last day",
          "percentunit",
          'sum(increase(supergraph_checkouts_total{outcome="PAID"}[1d])) / sum(increase(supergraph_checkouts_total[1d]))',
        ),
        stat("Under way", "short", "sum(max by (state) (supergraph_sagas))"),
        stat("Refused at the door, last hour", "short", "sum(increase(supergraph_orders_shed_total[1h]))", {
          redFrom: 1,
        }),
        lines(
          "Ended, by how",
          "ops",
          [query("sum by (outcome) (rate(supergraph_checkouts_total[$__rate_interval]))", "{{outcome}}")],
          { width: 12, stacked: true },
        ),
        lines(
          "Refused, by what there is too much of",
          "ops",
          [query("sum by (reason) (rate(supergraph_orders_shed_total[$__rate_interval]))", "{{reason}}")],
          { width: 12 },
        ),
      ],
    },
    {
      title: "On the way",
      panels: [
        lines("Under way, by what they wait for", "short", [query("max by (state) (supergraph_sagas)", "{{state}}")], {
          width: 12,
          stacked: true,
        }),
        lines(
          "The oldest in each state",
          "s",
          [query("max by (state) (supergraph_saga_oldest_seconds)", "{{state}}")],
          {
            width: 12,
            redFrom: 300,
            description: 'What each state may take is in the runbook, under "A saga is older than it may be".',
          },
        ),
      ],
    },
    {
      title: "Those whom it waits for",
      panels: [
        lines(
          "Messages not published: the oldest",
          "s",
          [query('max by (job) (supergraph_outbox_oldest_seconds{job=~"orders|products|payments"})', "{{job}}")],
          { redFrom: 60 },
        ),
        lines("Messages not handled", "short", [
          query(
            'sum by (job) (max by (job, consumer) (supergraph_consumer_pending{job=~"orders|products|payments"}))',
            "{{job}}",
          ),
        ]),
        lines(
          "Dead letters, last hour",
          "short",
          [
            query(
              'sum by (consumer) (increase(supergraph_dead_letters_total{job=~"orders|products|payments"}[1h]))',
              "{{consumer}}",
            ),
          ],
          { redFrom: 1 },
        ),
        {
          kind: "state-timeline",
          title: "Payment provider taken to be down",
          unit: "none",
          width: 8,
          redFrom: 1,
          queries: [
            query('max by (instance) (supergraph_provider_breaker{job="payments",state="open"})', "{{instance}}"),
          ],
        },
        lines("Webhooks that payments has not taken", "short", [
          query("max(supergraph_provider_webhooks_undelivered)", "sandbox provider"),
        ]),
        lines("Orders placed and carts filled", "reqps", [
          query(
            'sum by (status) (rate(supergraph_http_request_duration_seconds_count{job="orders",operation="mutation"}[$__rate_interval]))',
            "{{status}}",
          ),
        ]),
        lines("Database connections of orders in use", "short", [
          query(
            'sum by (db_client_connection_pool_name) (db_client_connection_count{job="orders"})',
            "{{db_client_connection_pool_name}}",
          ),
        ]),
      ],
    },
  ],
};
