import { ErrorCode, NatsError } from "nats";

export const hasCode = (error: unknown, code: string): boolean => error instanceof NatsError && error.code === code;

/** JetStream answers so when there is no such stream or consumer. */
export const nullWhenMissing = (error: unknown): null => {
  if (error instanceof NatsError && error.api_error?.code === 404) return null;
  throw error;
};

/** JetStream's own number of an error, undefined for what it did not say. */
export const apiErrorOf = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;

/** `nats` gives what JetStream refuses a number for a message. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof NatsError && error.api_error) return error.api_error.description;
  return error instanceof Error ? error.message : String(error);
};

const CLUSTER_NOT_AVAILABLE = 10_008;
const CLUSTER_NO_PEERS = 10_005;
const CLUSTER_NOT_LEADER = 10_009;
const INSUFFICIENT_RESOURCES = 10_023;

/** What a cluster says while it comes up, elects a leader or lost too many of its nodes: it may be fine in a moment. */
export const isPassing = (error: unknown): boolean => {
  const code = apiErrorOf(error);
  if (code === undefined) {
    return [ErrorCode.Timeout, ErrorCode.NoResponders, ErrorCode.JetStreamNotEnabled, ErrorCode.Disconnect].some(
      (known) => hasCode(error, known),
    );
  }
  return [CLUSTER_NOT_AVAILABLE, CLUSTER_NO_PEERS, CLUSTER_NOT_LEADER, INSUFFICIENT_RESOURCES].includes(code);
};

const MAXIMUM_BYTES = 10_077;
const STORAGE_RESOURCES_EXCEEDED = 10_047;

/** The stream, or the broker's disk as far as it may be used, takes no more. */
export const isFull = (error: unknown): boolean => {
  const code = apiErrorOf(error);
  return code === MAXIMUM_BYTES || code === STORAGE_RESOURCES_EXCEEDED;
};
