import { z } from "zod";
import { contracts, readers } from "./sources.ts";

/** The whole of schema/events.json: what `npm run schema -- check` compares. */
export const renderEventsFile = (): string => {
  const known = readers();
  const events = contracts.map(({ subject, description, producer, key, schema }) => ({
    subject,
    description,
    producer,
    consumers: [...new Set(known.filter((reader) => reader.subject === subject).map(({ service }) => service))].sort(),
    key,
    schema: payloadSchema(schema),
  }));
  return `${JSON.stringify({ events }, null, 2)}\n`;
};

/** What travels, which is the input of a contract's schema. */
const payloadSchema = (schema: z.ZodType): Record<string, unknown> => {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, {
    io: "input",
    // A format says it; how it is checked is up to who reads, and may change with a version of the library.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  return payload;
};
