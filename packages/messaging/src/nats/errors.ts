import { NatsError } from "nats";

export const hasCode = (error: unknown, code: string): boolean => error instanceof NatsError && error.code === code;

/** JetStream answers so when there is no such stream or consumer. */
export const nullWhenMissing = (error: unknown): null => {
  if (error instanceof NatsError && error.api_error?.code === 404) return null;
  throw error;
};
