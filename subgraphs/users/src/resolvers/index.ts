import { isId, type RequiredResolvers, scalarResolvers } from "@supergraph/service";
import type { Resolvers, ResolversParentTypes } from "../generated/resolvers.ts";
import { addressMutations } from "./addresses.ts";
import { administrationMutations } from "./administration.ts";
import { sessionMutations } from "./sessions.ts";

export const resolvers: RequiredResolvers<Resolvers, ResolversParentTypes> = {
  ...scalarResolvers,
  Query: {
    me: (_, __, { viewer, loaders }) => (viewer ? loaders.visibleUser.load(viewer.userId) : null),
    user: (_, { id }, { loaders }) => loaders.visibleUser.load(id),
  },
  Mutation: { ...sessionMutations, ...addressMutations, ...administrationMutations },
  User: {
    // A loader throws at once for a missing key, and that would leave the other references' promises to nobody.
    __resolveReference: ({ id }, { loaders }) => (isId("usr", id) ? loaders.visibleUser.load(id) : null),
    addresses: ({ id }, _, { loaders }) => loaders.addressesOfUser.load(id),
  },
};
