import type { Explained } from "./explanation.ts";
import type { Before } from "./human.ts";
import type { Subject } from "./subject.ts";

/** For tools. Fields are added, never changed. */
export const jsonExplanation = (subject: Subject, explained: Explained, before: Before | null): string =>
  `${JSON.stringify(
    {
      operation: {
        id: subject.id,
        name: subject.name,
        kind: subject.definition.operation,
        path: subject.path,
      },
      ...explained,
      before,
    },
    null,
    2,
  )}\n`;
