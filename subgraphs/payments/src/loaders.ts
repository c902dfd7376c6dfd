import type { Database } from "@supergraph/postgres";
import { isId, type Viewer } from "@supergraph/service";
import DataLoader from "dataloader";
import { findPayments, findPaymentsOfOrders, findRefundsOfPayments } from "./db/payments.ts";
import type * as schema from "./db/schema.ts";
import type { PaymentRow, RefundRow } from "./db/schema.ts";

/** What this viewer may see, and null or nothing for the rest, as for what does not exist. */
export interface Loaders {
  readonly payment: DataLoader<string, PaymentRow | null>;
  readonly paymentOfOrder: DataLoader<string, PaymentRow | null>;
  /** Oldest first. Ask only with ids of payments that the viewer may see. */
  readonly refundsOfPayment: DataLoader<string, RefundRow[]>;
}

export const createLoaders = (database: Database<typeof schema>, viewer: Viewer | null): Loaders => {
  const visible = (row: PaymentRow | undefined): PaymentRow | null => (row && maySee(viewer, row) ? row : null);
  return {
    payment: new DataLoader(async (ids) => {
      const known = viewer ? ids.filter((id) => isId("pay", id)) : [];
      const rows = known.length > 0 ? await findPayments(database.db, known) : [];
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => visible(byId.get(id)));
    }),
    paymentOfOrder: new DataLoader(async (orderIds) => {
      const known = viewer ? orderIds.filter((id) => isId("ord", id)) : [];
      const rows = known.length > 0 ? await findPaymentsOfOrders(database.db, known) : [];
      const byOrder = new Map(rows.map((row) => [row.orderId, row]));
      return orderIds.map((id) => visible(byOrder.get(id)));
    }),
    refundsOfPayment: new DataLoader(async (paymentIds) => {
      const rows = await findRefundsOfPayments(database.db, paymentIds);
      const byPayment = new Map<string, RefundRow[]>(paymentIds.map((id) => [id, []]));
      for (const row of rows) byPayment.get(row.paymentId)?.push(row);
      return paymentIds.map((id) => byPayment.get(id) ?? []);
    }),
  };
};

const maySee = (viewer: Viewer | null, { customerId }: PaymentRow): boolean =>
  viewer !== null && (viewer.userId === customerId || viewer.scopes.includes("payments:read"));
