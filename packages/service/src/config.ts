import { z } from "zod";

/** What is wrong with the environment, a line a variable. Ends the process before it listens. */
export class ConfigError extends Error {
  readonly code = "CONFIG_INVALID";
  override readonly name = "ConfigError";
}

/**
 * Parses environment variables once. `schema` has one entry a variable, and each entry's `.meta({ example })` is
 * shown where its value is missing or malformed; the value itself never is, since it may be a secret.
 * An empty variable counts as missing.
 * @throws ConfigError naming every variable that is wrong, what was expected, and an example.
 */
export const parseConfig = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<Shape>> => {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, env[name] || undefined]));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "environment");
    const field = schema.shape[name] as z.ZodType | undefined;
    const example = exampleOf(field);
    const problem = given[name] === undefined ? "is not set" : "has a value that cannot be used";
    return `${name} ${problem}: ${issue.message}${example === undefined ? "" : `. Example: ${name}=${String(example)}`}`;
  });
  throw new ConfigError(lines.join("\n"));
};

/** `.default()` and `.optional()` wrap a type, and hide what was said of it. */
const exampleOf = (field: z.ZodType | undefined): unknown => {
  const example = field?.meta()?.example;
  if (example !== undefined) return example;
  return field instanceof z.ZodDefault || field instanceof z.ZodOptional
    ? exampleOf(field.unwrap() as z.ZodType)
    : undefined;
};

/** The address of an interface, or a name of it. */
export const envHost = () => z.string().default("127.0.0.1").meta({ example: "0.0.0.0" });

export const envPort = (example: number) => envInteger({ what: "a port", min: 0, max: 65_535, example });

export const envMilliseconds = (range: { readonly min: number; readonly max: number; readonly example: number }) =>
  envInteger({ what: "milliseconds", ...range });

/** Digits only: JavaScript would also take blanks for 0, and `1e3` and `0x10` for numbers. */
export const envInteger = ({
  what,
  min,
  max,
  example,
}: {
  readonly what: string;
  readonly min: number;
  readonly max: number;
  readonly example: number;
}) => {
  const expected = `expected ${what} from ${min} to ${max}`;
  return z
    .string(expected)
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= min && value <= max, expected)
    .meta({ example });
};

const MIN_SECRET_LENGTH = 16;

export const envSecret = (what: string, example: string) =>
  z
    .string(`expected ${what}`)
    .min(MIN_SECRET_LENGTH, `expected ${what} of at least ${MIN_SECRET_LENGTH} characters`)
    .meta({ example });

export const envUrl = (protocols: readonly string[], example: string) =>
  z
    .string(`expected a URL (${protocols.join(" or ")})`)
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.replace(":", "")), {
      message: `expected a URL that starts with ${protocols.map((protocol) => `${protocol}://`).join(" or ")}`,
    })
    .meta({ example });

export const envPostgresUrl = (name: string) =>
  envUrl(["postgres", "postgresql"], `postgres://${name}:secret@localhost:5432/${name}`);

/** One or more comma-separated NATS servers. */
export const envNatsUrl = () =>
  z
    .string("expected one or more comma-separated nats:// or tls:// URLs")
    .refine(
      (value) =>
        value.split(",").every((server) => /^(nats|tls):\/\//.test(server.trim()) && URL.canParse(server.trim())),
      {
        message: "expected one or more comma-separated nats:// or tls:// URLs",
      },
    )
    .meta({ example: "nats://localhost:4222" });

/** From what ends a process to what is told of each request. */
export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const envLogLevel = () =>
  z
    .enum([...LOG_LEVELS, "silent"])
    .default("info")
    .meta({ example: "info" });

/** JSON text of a JWK set. */
export const envJwks = () =>
  z
    .string("expected a JSON Web Key Set")
    .transform((text, context) => {
      try {
        return z
          .object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })).min(1) })
          .parse(JSON.parse(text));
      } catch {
        context.addIssue({ code: "custom", message: "expected a JSON Web Key Set whose keys have a kid" });
        return z.NEVER;
      }
    })
    .meta({ example: '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"…","kid":"…"}]}' });
