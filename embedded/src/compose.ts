import { fileURLToPath } from "node:url";
import { composeSubgraphs } from "@supergraph/schema/compose";
import { readSubgraphs } from "@supergraph/schema/supergraph-config";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The subgraphs' SDL does not compose; the message lists every error with its place. */
export class CompositionError extends Error {
  override readonly name = "CompositionError";
  readonly code = "SUPERGRAPH_DOES_NOT_COMPOSE";
}

/**
 * The supergraph of the SDL as it lies on the disk now, so that a change of a schema shows at the next start.
 * @throws CompositionError
 */
export const composeShopSupergraph = async (): Promise<string> => {
  const composition = composeSubgraphs(await readSubgraphs(`${root}schema/supergraph.yaml`, root));
  if (composition.kind === "composed") return composition.supergraphSdl;
  const lines = composition.errors.map(({ code, message, places }) =>
    [`${code}: ${message}`, ...places.map(({ path, line, column }) => `${path}:${line}:${column}`)].join("\n    at "),
  );
  throw new CompositionError(`the subgraphs do not compose.\n${lines.join("\n")}`);
};
