/** What the shop promises: of all that is counted, at most the share `budget` may be bad. */
export interface Objective {
  /** Of recorded series, `slo:<name>:ratio_1h` for one: the share that was bad. */
  readonly name: string;
  /** Of alerts: `<alert>Fast`, which calls somebody, and `<alert>Slow`, for working hours. */
  readonly alert: string;
  readonly title: string;
  readonly budget: number;
  /** PromQL: the share that was bad in a time such as "1h". */
  readonly ratio: (window: string) => string;
  /** PromQL: there was enough in `window` to tell anything by it. */
  readonly isEnough: ((window: string) => string) | null;
  /** PromQL that is recorded before the ratios, by its name. */
  readonly before?: { readonly record: string; readonly expr: string };
  readonly summary: string;
  /** Ends in what the value is a share of. */
  readonly description: string;
  /** A heading of docs/runbook.md. */
  readonly runbook: string;
}

const sumOf = (series: string, window: string): string => `sum(increase(${series}[${window}]))`;

const ROUTER_REQUESTS = 'supergraph_http_request_duration_seconds_count{job="router"}';
const ROUTER_FAULTS = 'supergraph_request_faults_total{job="router"}';
const OPERATIONS = 'operation_type=~"query|mutation"';
/** What a customer decides is nobody's failure. */
const CHECKOUTS = 'supergraph_checkouts_total{outcome!~"CUSTOMER|ADMIN|UNCONFIRMED"}';
const CHECKOUTS_TIMED_OUT = 'supergraph_checkouts_total{outcome="TIMED_OUT"}';
const LATE_SAGA_SECONDS = 60;

export const OBJECTIVES: readonly Objective[] = [
  {
    name: "endpoint_faults",
    alert: "EndpointFaults",
    title: "Requests without a fault of ours: 99.99 %",
    budget: 0.0001,
    ratio: (window) => `${sumOf(ROUTER_FAULTS, window)} / ${sumOf(ROUTER_REQUESTS, window)}`,
    isEnough: (window) => `${sumOf(ROUTER_FAULTS, window)} >= 10`,
    summary: "Requests fail by our fault",
    description: "of requests were answered with a fault of the router or of what is behind it.",
    runbook: "requests-fail-by-our-fault",
  },
  {
    name: "endpoint_slow",
    alert: "EndpointSlow",
    title: "Queries and mutations answered within 500 ms: 99 %",
    budget: 0.01,
    ratio: (window) =>
      `1 - ${sumOf(`supergraph_operation_duration_seconds_bucket{${OPERATIONS},le="0.5"}`, window)} / ${sumOf(`supergraph_operation_duration_seconds_count{${OPERATIONS}}`, window)}`,
    isEnough: (window) => `${sumOf(`supergraph_operation_duration_seconds_count{${OPERATIONS}}`, window)} >= 100`,
    summary: "Answers are slow",
    description: "of queries and mutations took longer than 500 ms.",
    runbook: "answers-are-slow",
  },
  {
    name: "checkouts_failed",
    alert: "CheckoutsFail",
    title: "Checkouts decided before they time out: 99.9 %",
    budget: 0.001,
    ratio: (window) => `${sumOf(CHECKOUTS_TIMED_OUT, window)} / ${sumOf(CHECKOUTS, window)}`,
    isEnough: (window) => `${sumOf(CHECKOUTS_TIMED_OUT, window)} >= 3`,
    summary: "Checkouts time out",
    description: "of checkouts were called off since products or payments did not answer in time.",
    runbook: "checkouts-time-out",
  },
  {
    name: "sagas_late",
    alert: "CheckoutsLate",
    title: `No checkout waits for a service for longer than ${LATE_SAGA_SECONDS} s: 99.9 % of the time`,
    budget: 0.001,
    before: {
      record: "slo:sagas_late:bool",
      expr: `max(supergraph_saga_oldest_seconds{state!="AWAITING_ACTION"}) > bool ${LATE_SAGA_SECONDS}`,
    },
    ratio: (window) => `avg_over_time(slo:sagas_late:bool[${window}])`,
    isEnough: null,
    summary: "Checkouts stand still",
    description: `of the time a checkout had been waiting for a service for longer than ${LATE_SAGA_SECONDS} s.`,
    runbook: "a-saga-is-older-than-it-may-be",
  },
];

/**
 * Google's multi-window, multi-burn-rate alerts: at a rate of 1 the budget of 30 days is used up in 30 days. The short window
 * ends an alert soon after its cause has ended.
 */
export const BURNS = {
  Fast: [
    { rate: 14.4, long: "1h", short: "5m" },
    { rate: 6, long: "6h", short: "30m" },
  ],
  Slow: [
    { rate: 3, long: "1d", short: "2h" },
    { rate: 1, long: "3d", short: "6h" },
  ],
} as const;

export const WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;

export const ratioOf = (name: string, window: (typeof WINDOWS)[number]): string => `slo:${name}:ratio_${window}`;
