import { eq } from "drizzle-orm";
import type { Tx } from "./connection.ts";
import { forgottenCustomers } from "./schema.ts";

export const insertForgottenCustomer = async (tx: Tx, userId: string): Promise<void> => {
  await tx.insert(forgottenCustomers).values({ userId }).onConflictDoNothing();
};

export const isForgotten = async (tx: Tx, userId: string): Promise<boolean> =>
  (await tx.select().from(forgottenCustomers).where(eq(forgottenCustomers.userId, userId))).length > 0;
