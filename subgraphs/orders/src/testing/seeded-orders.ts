import { priceOrder, seedOrders, seedReservationId } from "../seed.ts";

/** A fixed id: `n` is its place among the others of its kind. */
export const seededId = (prefix: string, n: number): string => `${prefix}_01k0000000e008${String(n).padStart(12, "0")}`;

export const reservationOf = (n: number): string => seedReservationId(seededId("ord", n));

/** `count` orders of one customer, one mug each, placed at `placedAt` and RESERVING since. */
export const seedPendingOrders = (
  databaseUrl: string,
  { count, placedAt }: { count: number; placedAt: Date },
): Promise<unknown> =>
  seedOrders(databaseUrl, {
    variantPrices: [],
    orders: Array.from({ length: count }, (_, n) => ({
      id: seededId("ord", n),
      number: `SG-20260131-Z${n}`,
      customerId: seededId("usr", 1),
      status: "PENDING",
      cancelReason: null,
      lines: [
        {
          id: seededId("lin", n),
          variantId: seededId("var", 1),
          sku: "SKU-1",
          title: "Mug",
          quantity: 1,
          unitPriceMinor: 1_000n,
        },
      ],
      shippingAddress: { line1: "a", line2: null, city: "b", region: null, postalCode: "c", country: "SE" },
      ...priceOrder([{ quantity: 1, unitPriceMinor: 1_000n, weightGrams: 1 }], "SE"),
      placedAt,
      timeline: [{ status: "PENDING", at: placedAt, note: null }],
    })),
  });
