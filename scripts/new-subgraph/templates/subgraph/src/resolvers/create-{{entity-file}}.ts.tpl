import { unauthenticated } from "@supergraph/service";
import type { MutationResolvers } from "../generated/resolvers.ts";

export const create{{Entity}}: MutationResolvers["create{{Entity}}"] = async (_, { input }, { viewer, commands }) => {
  if (!viewer) throw unauthenticated();
  const result = await commands.create{{Entity}}(input, viewer.userId);
  if (result.kind === "created") return { {{entity}}: result.{{entity}}, userErrors: [] };
  const userErrors = result.fields.map(({ path, message }) => ({ code: "INVALID" as const, message, path: [...path] }));
  return { {{entity}}: null, userErrors };
};
