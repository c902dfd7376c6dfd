import { badUserInput, forbidden, parsePage, toConnection, unauthenticated, type Viewer } from "@supergraph/service";
import type { Context } from "../context.ts";
import { countOrders, findOrderPage, OrderKey, orderKey } from "../db/order-pages.ts";
import { cartIdOf } from "../domain/cart.ts";
import type { QueryResolvers, UserResolvers } from "../generated/resolvers.ts";
import type { OrderConnectionModel } from "./models.ts";

export const Query: QueryResolvers<Context> = {
  cart: (_root, _args, { viewer }) => (viewer ? { id: cartIdOf(viewer.userId) } : null),

  order: (_root, { id }, { loaders }) => loaders.order.load(id),

  async orders(_root, { filter, ...args }, { db }): Promise<OrderConnectionModel> {
    const page = parsePage(args, OrderKey);
    if (filter?.customerId != null && !isPlausibleId(filter.customerId))
      throw badUserInput("`customerId` is not the id of a person.", "filter.customerId");
    const wanted = {
      // Each once: a status that is named more often than a statement takes parameters would be refused by the database.
      statuses: filter?.status ? [...new Set(filter.status)] : undefined,
      placedAfter: filter?.placedAfter ?? undefined,
      customerId: filter?.customerId ?? undefined,
    };
    return {
      ...toConnection(await findOrderPage(db, wanted, page), page, orderKey),
      count: () => countOrders(db, wanted),
    };
  },
};

/** Not a list of somebody else's that is empty, which would be a lie, but a refusal. */
export const userOrders: UserResolvers<Context>["orders"] = async (user, args, { viewer, loaders }) => {
  if (user.id !== viewer?.userId && !viewer?.scopes.includes("orders:read"))
    throw forbidden("These are somebody else's orders.");
  const page = parsePage(args, OrderKey);
  if (!isPlausibleId(user.id)) return { ...toConnection([], page, orderKey), count: async () => 0 };
  const rows = await loaders.orderPage.load({ customerId: user.id, page });
  return { ...toConnection(rows, page, orderKey), count: () => loaders.orderCount.load(user.id) };
};

/** For resolvers that the SDL guards with a directive: the type does not know that there is a viewer. */
export const requireViewer = ({ viewer }: Context): Viewer => {
  if (!viewer) throw unauthenticated();
  return viewer;
};

/** Other services choose the ids of people; what no id can be (NUL above all) must not reach the database. */
const isPlausibleId = (id: string): boolean => /^[\w-]{1,100}$/.test(id);
