import { enableTracing } from "@supergraph/service";
import { createRecordedSpans } from "@supergraph/service/recorded-spans";

type Processor = Parameters<typeof createRecordedSpans>[0]["processors"][number];
export type RecordedSpan = Parameters<Processor["onEnd"]>[0];

export interface RecordedSpans {
  /** In the order of their ends. */
  all(): readonly RecordedSpan[];
  /** The first of that name. */
  find(name: string): RecordedSpan | undefined;
  forget(): void;
}

/** Records the spans of this process from now on. Once a test file, before anything else enables tracing. */
export const recordSpans = (): RecordedSpans => {
  let ended: RecordedSpan[] = [];
  const processor: Processor = {
    onStart: () => undefined,
    onEnd: (span) => void ended.push(span),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const isFirst = enableTracing(createRecordedSpans({ processors: [processor] }));
  if (!isFirst) throw new Error("Tracing has begun: spans are recorded from the start of a process or not at all.");
  return {
    all: () => ended,
    find: (name) => ended.find((span) => span.name === name),
    forget() {
      ended = [];
    },
  };
};
