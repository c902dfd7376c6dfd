import { type EventContract, PRODUCERS } from "@supergraph/contracts";
import { consumerName } from "@supergraph/messaging";
import { payloadOf } from "./payload.ts";

/** Somebody who reads a subject: a durable consumer, or a view that hears only what comes while it is looked at. */
export interface Reader {
  readonly service: string;
  readonly subject: string;
  readonly durable: boolean;
}

/** Somebody listens to what nobody can send. */
export class UnknownSubject extends Error {
  override readonly name = "UnknownSubject";
}

/**
 * The catalogue in Markdown: an overview a producer, then each message.
 * @throws UnknownSubject when a reader's subject is in no contract.
 */
export const renderCatalogue = (contracts: readonly EventContract[], readers: readonly Reader[]): string => {
  assertKnown(contracts, readers);
  const ofProducer = (producer: string) => contracts.filter((contract) => contract.producer === producer);
  return [
    ...PRODUCERS.flatMap((producer) => [
      `### What ${producer} sends`,
      "",
      "| subject | handled by | meaning |",
      "| --- | --- | --- |",
      ...ofProducer(producer).map(
        ({ subject, description }) =>
          `| [\`${subject}\`](#${anchorOf(subject)}) | ${servicesOf(subject, readers)} | ${description} |`,
      ),
      "",
    ]),
    "## The messages",
    "",
    ...contracts.flatMap((contract) => renderContract(contract, readers)),
  ].join("\n");
};

const assertKnown = (contracts: readonly EventContract[], readers: readonly Reader[]): void => {
  const subjects = new Set(contracts.map(({ subject }) => subject));
  const unknown = readers.filter(({ subject }) => !subjects.has(subject));
  if (unknown.length === 0) return;
  const which = unknown.map(({ service, subject }) => `${service} listens to ${subject}`).join(", ");
  throw new UnknownSubject(`${which}: no contract in packages/contracts has that subject, so nobody can send it.`);
};

const renderContract = (contract: EventContract, readers: readonly Reader[]): readonly string[] => {
  const { subject, type, version, producer, description, key, id, schema } = contract;
  return [
    `### ${subject}`,
    "",
    description,
    "",
    `- type \`${type}\`, version ${version}, sent by ${producer}`,
    `- handled by ${consumersOf(subject, readers)}`,
    `- key: \`${key}\``,
    `- id: ${id === undefined ? "a fresh one for each message" : `\`${id}\`; a repeat that must be handled again has \`:\` and a number behind it`}`,
    "",
    "| field | type |",
    "| --- | --- |",
    ...payloadOf(schema).map(
      ({ path, type, required }) => `| \`${path}\` | ${type}${required ? "" : ", may be missing"} |`,
    ),
    "",
  ];
};

const servicesOf = (subject: string, readers: readonly Reader[]): string => {
  const services = readers
    .filter((reader) => reader.subject === subject)
    .map(({ service, durable }) => (durable ? service : `${service} (live views)`));
  return services.length === 0 ? "nobody yet" : services.join(", ");
};

const consumersOf = (subject: string, readers: readonly Reader[]): string => {
  const consumers = readers
    .filter((reader) => reader.subject === subject)
    .map((reader) => (reader.durable ? `\`${consumerName(reader)}\`` : `the live views of ${reader.service}`));
  return consumers.length === 0 ? "nobody yet" : consumers.join(", ");
};

const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(".", "");
