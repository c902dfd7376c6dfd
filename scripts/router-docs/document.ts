import { z } from "zod";
import { completeConfig } from "../../router/src/config/complete.ts";
import { VARIABLES } from "../../router/src/config/environment.ts";
import { RouterSettings } from "../../router/src/config/settings.ts";

interface Setting {
  readonly path: readonly string[];
  readonly description: string;
  /** As YAML; null for what is to be given, or is absent. */
  readonly defaultText: string | null;
}

const INTRODUCTION = `# The router's configuration

<!-- Written by \`npm run docs:router\` from router/src/config: change it there. -->

\`\`\`
npm run router -- --supergraph supergraph.graphql             # any federation 2 supergraph, subgraphs where it says they are
npm run router -- --config router.yaml --check-config         # is it in order?
npm run router -- --config router.yaml --port 4000 --workers auto
\`\`\`

What the command line says (\`--help\`) goes before environment variables, those before the file, that before the defaults. The file is
YAML, or a module (\`.ts\`, \`.mjs\`, \`.js\`) whose default export has the same shape; \`--config\` or \`ROUTER_CONFIG\` names it. A setting that
does not exist, or has a wrong value, is an error with its place, and the router does not start.

In YAML, \`\${NAME}\` and \`\${NAME:-otherwise}\` stand for environment variables: secrets need not be in the file. A value that is nothing but an
unquoted variable is read as YAML itself: a number, a flag, a key as JSON.

\`\`\`yaml
supergraph:
  url: https://registry.example/supergraph.graphql
  headers:
    authorization: Bearer \${REGISTRY_TOKEN}
  lastGoodPath: /var/lib/router/last-good.graphql
server:
  host: 0.0.0.0
  corsOrigins: [https://shop.example]
authentication:
  jwksUrl: http://users:4001/.well-known/jwks.json
signing:
  key: \${ROUTER_SIGNING_KEY}
headers:
  - propagate: accept-language
  - propagate: x-tenant
    default: public
subgraphs:
  defaults:
    timeoutMs: 3000
  overrides:
    products:
      urls: [http://products-1:4002/graphql, http://products-2:4002/graphql]
    payments:
      timeoutMs: 8000
      retries: 0
metrics:
  port: 9464
\`\`\`
`;

/** The reference of all settings, as Markdown. */
export const renderDocument = (): string => {
  const sections = Object.entries(RouterSettings.shape).map(([name, schema]) => ({
    name,
    settings: settingsBelow(schema, [name]),
  }));
  const single = sections.filter(({ settings }) => settings.length === 1).flatMap(({ settings }) => settings);
  return [
    INTRODUCTION,
    "## Settings\n",
    table(single),
    ...sections
      .filter(({ settings }) => settings.length > 1)
      .flatMap(({ name, settings }) => [`### ${name}\n`, ...intro(name), table(settings)]),
    "## Environment variables\n",
    variables(),
    "Of `SUBGRAPH_URL_<NAME>`, the name is the subgraph's in capitals, with `_` for what is no letter or digit: `SUBGRAPH_URL_MY_BOOKS` is the URL of `my-books`.\nThose of OpenTelemetry (`OTEL_EXPORTER_OTLP_ENDPOINT`, …) are in [observability](observability.md).\n",
  ].join("\n");
};

const intro = (name: string): string[] => {
  const schema = RouterSettings.shape[name as keyof typeof RouterSettings.shape];
  const description = schema.description;
  return description === undefined ? [] : [`${description}\n`];
};

type Schema = z.core.$ZodType;

/** Objects are taken apart, down to what has a value. */
const settingsBelow = (schema: Schema, path: readonly string[]): Setting[] => {
  const object = objectOf(schema);
  if (object)
    return Object.entries(object.shape).flatMap(([name, below]) => settingsBelow(below as Schema, [...path, name]));
  const own = { path, description: descriptionOf(schema), defaultText: defaultOf(path) };
  return path.join(".") === "subgraphs.overrides" ? [own, ...overrideSettings(path)] : [own];
};

/** What a subgraph's override may say beside what is said of all. */
const overrideSettings = (path: readonly string[]): Setting[] => {
  const { defaults, overrides } = RouterSettings.shape.subgraphs.unwrap().shape;
  const { shape } = overrides.unwrap().valueType;
  return Object.entries(shape)
    .filter(([name]) => !(name in defaults.unwrap().shape))
    .map(([name, schema]) => ({
      path: [...path, "<name>", name],
      description: descriptionOf(schema),
      defaultText: null,
    }));
};

/** What the schema is when it is given, without default and null; of several alternatives the object. */
const objectOf = (schema: Schema): z.ZodObject | undefined => {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodUnion) return schema.options.map(objectOf).find((found) => found !== undefined);
  if (isWrapper(schema)) return objectOf(schema.unwrap());
  return undefined;
};

const isWrapper = (schema: Schema) =>
  schema instanceof z.ZodDefault ||
  schema instanceof z.ZodPrefault ||
  schema instanceof z.ZodOptional ||
  schema instanceof z.ZodNullable;

const descriptionOf = (schema: Schema): string => {
  const { description } = schema as z.ZodType;
  if (description !== undefined) return description;
  return isWrapper(schema) ? descriptionOf(schema.unwrap()) : "";
};

/** Where an optional section has defaults of its own, they are those of the section once it is given. */
const DEFAULTS: unknown = completeConfig({
  supergraph: { path: "supergraph.graphql" },
  authentication: { jwksUrl: "http://localhost/" },
  metrics: { port: 0 },
  playground: {},
});
const REQUIRED = new Set(["supergraph.path", "authentication.jwksUrl", "metrics.port", "signing.key"]);

const defaultOf = (path: readonly string[]): string | null => {
  if (REQUIRED.has(path.join("."))) return null;
  let value = DEFAULTS;
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return value === undefined || value === null ? null : JSON.stringify(value);
};

const table = (settings: readonly Setting[]): string => {
  const rows = settings.map(({ path, description, defaultText }) => {
    const shown = defaultText === null ? "" : `\`${defaultText}\``;
    return `| \`${path.join(".")}\` | ${shown} | ${description.replaceAll("|", "\\|")} |`;
  });
  return ["| setting | default | |", "| --- | --- | --- |", ...rows, ""].join("\n");
};

const variables = (): string => {
  const rows = Object.entries(VARIABLES).map(([name, [setting]]) => `| \`${name}\` | \`${setting}\` |`);
  return [
    "| variable | setting |",
    "| --- | --- |",
    "| `ROUTER_CONFIG` | the file, as `--config` |",
    ...rows,
    "| `SUBGRAPH_URL_<NAME>` | `subgraphs.overrides.<name>.url` |",
    "| `NODE_ENV=production` | turns `introspection` and `playground` off unless they are set |",
    "",
  ].join("\n");
};
