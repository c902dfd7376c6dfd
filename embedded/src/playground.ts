import { readFile } from "node:fs/promises";
import { signIns } from "./seed/people.ts";

const operationsFolder = new URL("../../schema/operations/", import.meta.url);

const starters = [
  { name: "Browse products", file: "storefront/ProductList.graphql", variables: { search: "tent", first: 5 } },
  { name: "Categories", file: "storefront/Categories.graphql" },
  { name: "My orders", file: "storefront/MyOrders.graphql", variables: { first: 5 } },
  { name: "Put into the cart", file: "storefront/SetCartLine.graphql", variables: { variantId: "var_…", quantity: 1 } },
  { name: "Cart with totals", file: "storefront/Cart.graphql", variables: { country: "SE" } },
  {
    name: "Place an order",
    file: "storefront/PlaceOrder.graphql",
    variables: {
      input: {
        idempotencyKey: "order-1",
        paymentMethodToken: "tok_approve",
        expectedTotal: "0.00",
        shippingAddress: { line1: "Sveavägen 44", city: "Stockholm", postalCode: "111 34", country: "SE" },
      },
    },
  },
  { name: "One order", file: "storefront/OrderPage.graphql", variables: { id: "ord_…" } },
  { name: "Watch an order", file: "storefront/OrderStatus.graphql", variables: { orderId: "ord_…" } },
  { name: "All orders (support, admin)", file: "backoffice/OpenOrders.graphql", variables: { first: 10 } },
  {
    name: "Ship an order (support, admin)",
    file: "backoffice/ShipOrder.graphql",
    variables: { id: "ord_…", trackingNumber: "SE-123" },
  },
] as const;

/** The playground's menus for this shop: who can be signed in as, and operations to start from. */
export const playgroundConfig = async () => ({
  title: "Supergraph",
  endpoint: "/graphql",
  signIn: {
    operation: await operation("storefront/SignIn.graphql"),
    accounts: Object.values(signIns).map(({ label, email, password }) => ({
      label,
      variables: { input: { email, password } },
    })),
    tokenPath: ["login", "accessToken"],
  },
  operations: await Promise.all(
    starters.map(async ({ name, file, ...rest }) => ({ name, query: await operation(file), ...rest })),
  ),
});

const operation = (file: string): Promise<string> => readFile(new URL(file, operationsFolder), "utf8");
