import { randomUUID } from "node:crypto";
import type { ApolloClient } from "@apollo/client";
import {
  CartDocument,
  OrderPageDocument,
  type OrderStatus,
  PlaceOrderDocument,
  ProductListDocument,
  SetCartLineDocument,
} from "@supergraph/schema/operations";
import { eventually } from "@supergraph/testing";
import { expect } from "vitest";

export const STOCKHOLM = { line1: "Sveavägen 44", city: "Stockholm", postalCode: "111 34", country: "SE" };

/** A variant that can be bought now. */
export const findVariant = async (
  client: ApolloClient,
  search = "mug",
): Promise<{ id: string; productSlug: string }> => {
  const { data } = await client.query({
    query: ProductListDocument,
    variables: { search, filter: { inStock: true }, first: 20 },
  });
  for (const { node } of data?.products.edges ?? []) {
    const variant = node.variants.find(({ availability }) => availability === "IN_STOCK");
    if (variant) return { id: variant.id, productSlug: node.slug };
  }
  throw new Error(`Found nothing to buy for "${search}".`);
};

/** Fills the cart with one line and answers the total to expect. */
export const fillCart = async (client: ApolloClient, variantId: string, quantity = 1): Promise<string> => {
  const set = await client.mutate({ mutation: SetCartLineDocument, variables: { variantId, quantity } });
  expect(set.data?.cartSetLine.userErrors).toEqual([]);
  const { data } = await client.query({ query: CartDocument, variables: { country: STOCKHOLM.country } });
  const total = data?.cart?.totals.total.amount;
  if (total === undefined) throw new Error("The cart has no total.");
  return total;
};

/** Buys one piece of `variantId` and answers the id of the order. */
export const placeOrder = async (
  client: ApolloClient,
  { variantId, token, quantity = 1 }: { variantId: string; token: string; quantity?: number },
): Promise<string> => {
  const expectedTotal = await fillCart(client, variantId, quantity);
  const { data } = await client.mutate({
    mutation: PlaceOrderDocument,
    variables: {
      input: { idempotencyKey: randomUUID(), paymentMethodToken: token, expectedTotal, shippingAddress: STOCKHOLM },
    },
  });
  expect(data?.placeOrder.userErrors).toEqual([]);
  const id = data?.placeOrder.order?.id;
  if (id === undefined) throw new Error("No order was answered.");
  return id;
};

export const orderPage = async (client: ApolloClient, id: string) => {
  const { data, error } = await client.query({ query: OrderPageDocument, variables: { id } });
  if (error) throw error;
  if (!data?.order) throw new Error(`There is no order ${id} for this client.`);
  return data.order;
};

/** Waits until the saga has brought the order to `status`. */
export const untilStatus = (
  client: ApolloClient,
  id: string,
  status: OrderStatus,
  { timeoutMs = 20_000 }: { timeoutMs?: number } = {},
) =>
  eventually(
    async () => {
      const order = await orderPage(client, id);
      expect(order.status).toBe(status);
      return order;
    },
    { timeoutMs },
  );
