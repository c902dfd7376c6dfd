import type { OrderRow } from "../db/schema.ts";

/** An order of two mugs to Stockholm; a test says what matters to it. */
export const anOrder = (changes: Partial<OrderRow> = {}): OrderRow => ({
  id: "ord_01k0000000e008000000000001",
  number: "SG-20260131-7KQ2M9",
  customerId: "usr_01k0000000e008000000000001",
  status: "PENDING",
  cancelReason: null,
  trackingNumber: null,
  line1: "Sveavägen 44",
  line2: null,
  city: "Stockholm",
  region: null,
  postalCode: "111 34",
  country: "SE",
  eraseAddress: false,
  currency: "EUR",
  subtotalMinor: 4_000n,
  taxMinor: 978n,
  shippingMinor: 890n,
  totalMinor: 4_890n,
  placedAt: new Date("2026-01-31T12:00:00.000Z"),
  ...changes,
});
