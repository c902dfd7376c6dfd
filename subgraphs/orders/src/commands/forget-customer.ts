import { deleteCartOf } from "../db/carts.ts";
import type { Tx } from "../db/connection.ts";
import { insertForgottenCustomer } from "../db/forgotten-customers.ts";
import { eraseAddressesOf } from "../db/orders.ts";

/**
 * Erases what is personal of a deleted account: the cart and the addresses, those of open orders once nothing has to be
 * sent there. The orders themselves stay: they are the shop's books. From now on the account neither fills a cart nor
 * places an order, though its access tokens may be good for some minutes more. Safe to repeat.
 */
export const forgetCustomer = async (tx: Tx, userId: string): Promise<void> => {
  await insertForgottenCustomer(tx, userId);
  // Waits for an order that is being placed from the cart; its address is erased next.
  await deleteCartOf(tx, userId);
  await eraseAddressesOf(tx, userId);
};
