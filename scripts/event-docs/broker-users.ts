import { PRODUCERS } from "@supergraph/contracts";
import { consumerName } from "@supergraph/messaging";
import { stringify } from "yaml";
import { readers } from "./sources.ts";

/** Subjects of NATS that a user may publish to and subscribe to. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * What a service needs of the broker and nothing else: its own subjects and dead letters, its own stream, its own
 * consumers, what it is answered, and what its live views hear.
 */
export const permissionsOf = (service: string): Permissions => {
  const its = readers().filter((reader) => reader.service === service);
  const own = streamOf(service);
  return {
    publish: [
      `${service}.>`,
      `dlq.${service}.>`,
      "$JS.API.INFO",
      "$JS.API.STREAM.INFO.*",
      ...["CREATE", "UPDATE", "PURGE"].map((verb) => `$JS.API.STREAM.${verb}.${own}`),
      `$JS.API.CONSUMER.LIST.${own}`,
      ...its.filter(({ durable }) => durable).flatMap(consumerSubjects),
    ],
    subscribe: [`_INBOX_${service}.>`, ...its.filter(({ durable }) => !durable).map(({ subject }) => subject)],
  };
};

const consumerSubjects = (reader: { readonly service: string; readonly subject: string }): string[] => {
  const name = consumerName(reader);
  const stream = streamOf(reader.subject.split(".")[0] ?? "");
  return [
    `$JS.API.CONSUMER.*.${stream}.${name}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${name}.${reader.subject}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
    `$JS.ACK.${stream}.${name}.>`,
  ];
};

const streamOf = (producer: string): string => producer.toUpperCase();

/** The whole of deploy/k8s/nats/users.yaml. `<< >>` is the chart's way to a variable of nats-server. */
export const renderBrokerUsers = (): string => {
  const passwordOf = (user: string) => `<< $${user.toUpperCase()}_PASSWORD >>`;
  const users = PRODUCERS.map((service) => {
    const { publish, subscribe } = permissionsOf(service);
    return {
      user: service,
      password: passwordOf(service),
      permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } },
    };
  });
  const accounts = {
    SHOP: { jetstream: "enabled", users: [{ user: "operator", password: passwordOf("operator") }, ...users] },
    SYS: { users: [] },
  };
  const values = { config: { merge: { accounts, system_account: "SYS" } } };
  return [
    "# Written by `npm run docs:events` from the tables of subscriptions: who may do what on the broker. On top of values.yaml.",
    "# `operator` is for the Job `streams` and for people.",
    stringify(values, { lineWidth: 0 }),
  ].join("\n");
};
