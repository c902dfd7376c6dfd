import { expect, it } from "vitest";
import { z } from "zod";
import { parseConfig } from "./config.ts";
import { natsConfig, natsVariables } from "./nats-config.ts";

const parse = (env: Record<string, string>) =>
  natsConfig(parseConfig(z.object(natsVariables), { NATS_URL: "nats://localhost:4222", ...env }));

it("needs the address alone", () => {
  expect(parse({})).toEqual({
    servers: "nats://localhost:4222",
    replicas: 1,
    maxAgeMs: 6 * 24 * 60 * 60 * 1_000,
    maxBytes: undefined,
    maxMessageBytes: 512 * 1_024,
    ackWaitMs: 10_000,
    maxDeliveries: 20,
    namespace: undefined,
    credentialsFile: undefined,
    tls: undefined,
  });
});

it("reads a cluster with TLS, credentials and limits", () => {
  expect(
    parse({
      NATS_URL: "tls://one:4222, tls://two:4222",
      NATS_REPLICAS: "3",
      NATS_MAX_AGE_HOURS: "24",
      NATS_MAX_BYTES: "10737418240",
      NATS_MAX_MESSAGE_BYTES: "65536",
      NATS_ACK_WAIT_MS: "30000",
      NATS_MAX_DELIVERIES: "5",
      NATS_NAMESPACE: "staging",
      NATS_CREDENTIALS_FILE: "/run/orders.creds",
      NATS_TLS_CA_FILE: "/run/ca.pem",
      NATS_TLS_CERT_FILE: "/run/cert.pem",
      NATS_TLS_KEY_FILE: "/run/key.pem",
    }),
  ).toEqual({
    servers: "tls://one:4222, tls://two:4222",
    replicas: 3,
    maxAgeMs: 86_400_000,
    maxBytes: 10_737_418_240,
    maxMessageBytes: 65_536,
    ackWaitMs: 30_000,
    maxDeliveries: 5,
    namespace: "staging",
    credentialsFile: "/run/orders.creds",
    tls: { caFile: "/run/ca.pem", certFile: "/run/cert.pem", keyFile: "/run/key.pem" },
  });
});

it.each([
  ["NATS_URL", "http://localhost:4222"],
  ["NATS_URL", "nats://one,two"],
  ["NATS_REPLICAS", "0"],
  ["NATS_REPLICAS", "6"],
  ["NATS_REPLICAS", "three"],
  ["NATS_MAX_AGE_HOURS", "168"],
  ["NATS_MAX_AGE_HOURS", "0"],
  ["NATS_MAX_BYTES", "1000"],
  ["NATS_MAX_BYTES", "10GB"],
  ["NATS_MAX_MESSAGE_BYTES", "1"],
  ["NATS_ACK_WAIT_MS", "0"],
  ["NATS_MAX_DELIVERIES", "1"],
  ["NATS_NAMESPACE", "a.b"],
])("refuses %s=%s, naming the variable and an example", (name, value) => {
  expect(() => parse({ [name]: value })).toThrow(new RegExp(`^${name} .*Example: ${name}=`));
});

it.each([
  ["NATS_TLS_CERT_FILE", "NATS_TLS_KEY_FILE"],
  ["NATS_TLS_KEY_FILE", "NATS_TLS_CERT_FILE"],
])("refuses %s without %s", (given, missing) => {
  expect(() => parse({ [given]: "/run/file.pem" })).toThrow(new RegExp(`^${missing} is not set: ${given} needs it`));
});
