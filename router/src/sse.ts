/** One message of a `text/event-stream`. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** Longer than any event that may be held in memory. */
export class EventTooLarge extends Error {
  override readonly name = "EventTooLarge";
}

/**
 * Reads the events of a stream as the HTML standard defines them; comments and unknown fields are passed over.
 * @throws EventTooLarge when an event has more than `maxBytes` characters.
 */
export const readEvents = async function* (
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let buffered = "";
  let event = "message";
  let data: string[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    buffered += decoder.decode(chunk, { stream: true });
    if (buffered.length > maxBytes) throw new EventTooLarge(`An event is larger than ${maxBytes} bytes.`);
    // A chunk may end between \r and \n: the \r stays until what follows is known.
    const lines = buffered.split(/\r\n|\n|\r(?!$)/);
    buffered = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0 || event !== "message") yield { event, data: data.join("\n") };
        event = "message";
        data = [];
        size = 0;
        continue;
      }
      size += line.length;
      if (size > maxBytes) throw new EventTooLarge(`An event is larger than ${maxBytes} bytes.`);
      const { name, value } = field(line);
      if (name === "event") event = value;
      if (name === "data") data.push(value);
    }
  }
};

/**
 * Text of one event for a client, in the form that graphql-sse (distinct connections) reads.
 * @param json In one line.
 */
export const writeEvent = (event: "next" | "complete", json?: string): string =>
  `event: ${event}\ndata:${json === undefined ? "" : ` ${json.trimEnd()}`}\n\n`;

/** A comment: keeps proxies from closing a silent stream, and finds out that a client has gone. */
export const HEARTBEAT = ":\n\n";

/** Passes `source` on, with a heartbeat whenever nothing came for `intervalMs`; ends when `signal` is aborted. */
export const withHeartbeats = async function* (
  source: AsyncGenerator<string>,
  intervalMs: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let pending: Promise<IteratorResult<string>> | undefined;
  try {
    // The first chunk at once: it is what sends the response's headers.
    yield HEARTBEAT;
    while (!signal.aborted) {
      pending ??= source.next();
      const result = await orSilence(pending, intervalMs);
      if (result === "silence") {
        yield HEARTBEAT;
        continue;
      }
      pending = undefined;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await source.return(undefined);
  }
};

const orSilence = async <T>(promise: Promise<T>, intervalMs: number): Promise<T | "silence"> => {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<"silence">((resolve) => {
    timer = setTimeout(resolve, intervalMs, "silence");
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
};

const field = (line: string): { name: string; value: string } => {
  const colon = line.indexOf(":");
  if (colon === -1) return { name: line, value: "" };
  const value = line.slice(colon + 1);
  return { name: line.slice(0, colon), value: value.startsWith(" ") ? value.slice(1) : value };
};
