import { z } from "zod";

/** One field of an event's `data` as it travels. */
export interface PayloadField {
  /** `lines[].unitPrice.currency` */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
}

const Node = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.string()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  minItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), Node).optional();
  },
  get items() {
    return Node.optional();
  },
  get anyOf() {
    return z.array(Node).optional();
  },
});
type Node = z.output<typeof Node>;

/** The fields of what `schema` takes as JSON, each object before its own fields. */
export const payloadOf = (schema: z.ZodType): readonly PayloadField[] =>
  fieldsOf(Node.parse(z.toJSONSchema(schema, { io: "input" })), "");

const fieldsOf = ({ properties = {}, required = [] }: Node, prefix: string): readonly PayloadField[] =>
  Object.entries(properties).flatMap(([name, node]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const item = node.items;
    return [
      { path, type: typeOf(node), required: required.includes(name) },
      ...fieldsOf(node, path),
      ...(item ? fieldsOf(item, `${path}[]`) : []),
    ];
  });

const typeOf = (node: Node): string => {
  if (node.anyOf) return node.anyOf.map(typeOf).join(" or ");
  if (node.enum) return node.enum.map((value) => `"${value}"`).join(", ");
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (Array.isArray(node.type)) return node.type.map((type) => typeOf({ ...node, type })).join(" or ");
  switch (node.type) {
    case "array":
      return `list${node.minItems ? `, at least ${node.minItems}` : ""}`;
    case "integer":
      return `integer${lowestOf(node)}`;
    case "string":
      if (node.format === "date-time") return "time, RFC 3339 in UTC";
      return node.pattern === undefined ? "string" : `string, \`${node.pattern.replaceAll("|", "\\|")}\``;
    case undefined:
      return "anything";
    default:
      return node.type;
  }
};

const lowestOf = ({ minimum, exclusiveMinimum }: Node): string => {
  const lowest = exclusiveMinimum === undefined ? minimum : exclusiveMinimum + 1;
  return lowest === undefined || lowest <= Number.MIN_SAFE_INTEGER ? "" : `, ${lowest} or more`;
};
