import { deleteCartOf } from "../db/carts.ts";
import type { Tx } from "../db/connection.ts";
import { eraseAddressesOf } from "../db/orders.ts";

/**
 * Erases what is personal of a deleted account: the cart and the addresses, those of open orders once nothing has to be
 * sent there. The orders themselves stay: they are the shop's books. Safe to repeat.
 */
export const forgetCustomer = async (tx: Tx, userId: string): Promise<void> => {
  await deleteCartOf(tx, userId);
  await eraseAddressesOf(tx, userId);
};
