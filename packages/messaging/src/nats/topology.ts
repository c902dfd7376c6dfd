import { assertSubject } from "../subjects.ts";

/** A stream per producing service, `USERS` with `users.>`, and `DLQ` with `dlq.>`; a namespace goes before all of them. */
export interface StreamTopology {
  readonly stream: string;
  readonly subjects: readonly string[];
  readonly holdsDeadLetters: boolean;
}

export interface Topology {
  /** The subject as it is on the broker. */
  toWire(subject: string): string;
  fromWire(subject: string): string;
  /** The stream that keeps `subject`. */
  streamOf(subject: string): StreamTopology;
  /** The stream that keeps what a service publishes. */
  streamOfProducer(service: string): StreamTopology;
  /** Names of consumers and the client. */
  named(name: string): string;
}

const NAMESPACE = /^[A-Za-z0-9_-]+$/;

/** @throws when `namespace` has anything but letters, digits, `_` and `-`. */
export const createTopology = (namespace: string | undefined): Topology => {
  if (namespace !== undefined && !NAMESPACE.test(namespace)) {
    throw new Error(`"${namespace}" is no namespace: expected letters, digits, _ and - only.`);
  }
  const prefix = namespace === undefined ? "" : `${namespace}.`;
  const streamOfProducer = (producer: string): StreamTopology => {
    const stream = producer.toUpperCase();
    return {
      stream: namespace === undefined ? stream : `${namespace}_${stream}`,
      subjects: [`${prefix}${producer}.>`],
      holdsDeadLetters: producer === "dlq",
    };
  };
  return {
    toWire: (subject) => `${prefix}${subject}`,
    fromWire: (subject) => (subject.startsWith(prefix) ? subject.slice(prefix.length) : subject),
    streamOf(subject) {
      assertSubject(subject);
      const [producer = subject] = subject.split(".");
      return streamOfProducer(producer);
    },
    streamOfProducer,
    named: (name) => (namespace === undefined ? name : `${namespace}-${name}`),
  };
};

/** Whether any of the `wanted` settings has another value in `actual`. */
export const differs = (actual: object, wanted: object): boolean => {
  const values = new Map<string, unknown>(Object.entries(actual));
  return Object.entries(wanted).some(([name, value]) => JSON.stringify(values.get(name)) !== JSON.stringify(value));
};
