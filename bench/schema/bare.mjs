// What composing costs without us: reads what a supergraph.yaml lists and composes it, as anybody would with @apollo/composition alone.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { composeServices } from "@apollo/composition";
import { parse, Source } from "graphql";
import { parse as parseYaml } from "yaml";

const config = process.argv[2] ?? "";
const { subgraphs } = parseYaml(readFileSync(config, "utf8"));
const services = Object.entries(subgraphs).map(([name, { routing_url: url, schema }]) => {
  const path = resolve(dirname(config), schema.file);
  return { name, url, typeDefs: parse(new Source(readFileSync(path, "utf8"), path)) };
});
const { errors, supergraphSdl } = composeServices(services);
if (errors) throw new AggregateError(errors);
process.stdout.write(`${supergraphSdl.length}\n`);
