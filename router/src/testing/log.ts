import { createLogger, type Logger } from "@supergraph/service";

/** A log whose lines can be read. */
export const createTestLog = (): { readonly log: Logger; readonly lines: Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(
    { service: "router", level: "info" },
    {
      write(line: string) {
        lines.push(JSON.parse(line));
      },
    },
  );
  return { log, lines };
};
