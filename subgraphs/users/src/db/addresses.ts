import { and, desc, eq, inArray } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { type AddressRow, addresses } from "./schema.ts";

/** What a person enters of an address. */
export type AddressLines = Pick<AddressRow, "line1" | "line2" | "city" | "region" | "postalCode" | "country">;

/** Of all these users, each one's in order: the default first, then the newest first. */
export const findAddresses = (db: Db, userIds: readonly string[]): Promise<AddressRow[]> =>
  db
    .select()
    .from(addresses)
    .where(inArray(addresses.userId, [...userIds]))
    .orderBy(desc(addresses.isDefault), desc(addresses.createdAt), desc(addresses.id));

export const insertAddress = async (tx: Tx, address: AddressRow): Promise<AddressRow> => {
  const [row] = await tx.insert(addresses).values(address).returning();
  if (!row) throw new Error(`Postgres inserted address ${address.id} but did not return it.`);
  return row;
};

export const updateAddress = async (
  tx: Tx,
  id: string,
  change: AddressLines & { isDefault: boolean },
): Promise<AddressRow> => {
  const [row] = await tx.update(addresses).set(change).where(eq(addresses.id, id)).returning();
  if (!row) throw new Error(`Address ${id} went missing although its owner is locked.`);
  return row;
};

export const setDefault = async (tx: Tx, { id, isDefault }: { id: string; isDefault: boolean }): Promise<void> => {
  await tx.update(addresses).set({ isDefault }).where(eq(addresses.id, id));
};

export const deleteAddress = async (tx: Tx, userId: string, id: string): Promise<void> => {
  await tx.delete(addresses).where(and(eq(addresses.userId, userId), eq(addresses.id, id)));
};

export const deleteAddressesOf = async (tx: Tx, userId: string): Promise<void> => {
  await tx.delete(addresses).where(eq(addresses.userId, userId));
};
