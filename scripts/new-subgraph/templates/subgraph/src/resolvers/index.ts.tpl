import { isId, parsePage, type RequiredResolvers, scalarResolvers, toConnection } from "@supergraph/service";
import { z } from "zod";
import { isPlausibleId } from "../domain/{{entity-file}}.ts";
import type { Resolvers, ResolversParentTypes } from "../generated/resolvers.ts";
import { create{{Entity}} } from "./create-{{entity-file}}.ts";

export const resolvers: RequiredResolvers<Resolvers, ResolversParentTypes> = {
  ...scalarResolvers,
  Query: {
    {{entity}}: (_, { id }, { loaders }) => loaders.{{entity}}.load(id),
  },
  Mutation: { create{{Entity}} },
  {{Entity}}: {
    // A loader throws at once for a missing key, and that would leave the other references' promises to nobody.
    __resolveReference: ({ id }, { loaders }) => (isId("{{prefix}}", id) ? loaders.{{entity}}.load(id) : null),
    {{owner}}: ({ {{owner}}Id }) => ({ id: {{owner}}Id }),
  },
  {{Owner}}: {
    // A reference's keys are not checked against the schema.
    __resolveReference: ({ id }) => (typeof id === "string" ? { id } : null),
    {{entities}}: async ({ id }, args, { loaders }) => {
      const page = parsePage(args, Cursor);
      const rows = isPlausibleId(id) ? await loaders.{{entities}}Of{{Owner}}(id, page) : [];
      return toConnection(rows, page, (row) => row.id);
    },
  },
  {{Entity}}Connection: { edges: ({ edges }) => [...edges] },
};

const Cursor = z.string().refine((id) => isId("{{prefix}}", id));
