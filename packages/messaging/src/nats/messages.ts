import { type MsgHdrs, headers as newHeaders } from "nats";
import type { WireMessage } from "../wire.ts";

/** What core NATS and JetStream messages have in common. */
export interface BrokerMessage {
  readonly subject: string;
  readonly headers?: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

/** `subject` is the message's, without what the topology adds on the wire. */
export const fromBroker = ({ headers, data }: BrokerMessage, subject: string): WireMessage => ({
  subject,
  headers: headers ? Object.fromEntries([...headers].map(([name, [value = ""]]) => [name, value])) : {},
  body: data,
});

export const toBrokerHeaders = (values: Readonly<Record<string, string>>): MsgHdrs => {
  const result = newHeaders();
  for (const [name, value] of Object.entries(values)) result.set(name, value);
  return result;
};
