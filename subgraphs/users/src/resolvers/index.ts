import { type RequiredResolvers, scalarResolvers } from "@supergraph/service";
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
    __resolveReference: ({ id }, { loaders }) => loaders.visibleUser.load(id),
    addresses: ({ id }, _, { loaders }) => loaders.addressesOfUser.load(id),
  },
};
