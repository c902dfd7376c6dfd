import { lineTitle } from "@supergraph/products/seed";
import type { SeedCatalogue } from "./catalogue.ts";
import type { SeedPerson } from "./people.ts";
import { createRandom, type Random, seededId } from "./random.ts";

export type OrderStatus =
  | "PENDING"
  | "AWAITING_PAYMENT"
  | "CONFIRMED"
  | "PAID"
  | "SHIPPED"
  | "DELIVERED"
  | "CANCELLING"
  | "CANCELLED";

export type CancelReason = "OUT_OF_STOCK" | "PAYMENT_DECLINED" | "TIMED_OUT" | "CUSTOMER" | "ADMIN";

export interface PastOrder {
  readonly id: string;
  readonly number: string;
  readonly customer: SeedPerson;
  readonly status: OrderStatus;
  readonly cancelReason: CancelReason | null;
  readonly placedAt: Date;
  readonly timeline: readonly { readonly status: OrderStatus; readonly at: Date; readonly note: string | null }[];
  readonly lines: readonly {
    readonly id: string;
    readonly variantId: string;
    readonly sku: string;
    readonly title: string;
    readonly quantity: number;
    readonly unitPriceMinor: bigint;
    readonly weightGrams: number;
  }[];
  /** Null where the order ended before a payment was tried. */
  readonly payment: PastPayment | null;
}

export interface PastPayment {
  readonly id: string;
  readonly providerPaymentId: string;
  readonly status:
    | "ACTION_REQUIRED"
    | "AUTHORIZED"
    | "CAPTURED"
    | "PARTIALLY_REFUNDED"
    | "REFUNDED"
    | "VOIDED"
    | "FAILED";
  readonly declineCode: string | null;
  readonly createdAt: Date;
  readonly refund: { readonly id: string; readonly share: "all" | "half"; readonly createdAt: Date } | null;
}

/** How an order came to be what it is: statuses passed through, and what became of the payment. */
interface Fate {
  readonly weight: number;
  readonly passed: readonly OrderStatus[];
  readonly cancelReason?: CancelReason;
  readonly payment?: PastPayment["status"];
  readonly declineCode?: string;
  readonly refund?: "all" | "half";
}

/** Every status that lasts. What is under way lasts minutes, so the services' own work would end it at once. */
const FATES: readonly Fate[] = [
  {
    weight: 9,
    passed: ["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID", "SHIPPED", "DELIVERED"],
    payment: "CAPTURED",
  },
  { weight: 5, passed: ["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID", "SHIPPED"], payment: "CAPTURED" },
  { weight: 6, passed: ["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID"], payment: "CAPTURED" },
  {
    weight: 1,
    passed: ["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID", "SHIPPED", "DELIVERED"],
    payment: "PARTIALLY_REFUNDED",
    refund: "half",
  },
  {
    weight: 2,
    passed: ["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID", "CANCELLING", "CANCELLED"],
    cancelReason: "CUSTOMER",
    payment: "REFUNDED",
    refund: "all",
  },
  {
    weight: 2,
    passed: ["PENDING", "AWAITING_PAYMENT", "CANCELLING", "CANCELLED"],
    cancelReason: "PAYMENT_DECLINED",
    payment: "FAILED",
    declineCode: "insufficient_funds",
  },
  { weight: 1, passed: ["PENDING", "CANCELLED"], cancelReason: "OUT_OF_STOCK" },
  {
    weight: 1,
    passed: ["PENDING", "AWAITING_PAYMENT", "CANCELLING", "CANCELLED"],
    cancelReason: "TIMED_OUT",
    payment: "VOIDED",
  },
  {
    weight: 1,
    passed: ["PENDING", "AWAITING_PAYMENT", "CANCELLING", "CANCELLED"],
    cancelReason: "ADMIN",
    payment: "VOIDED",
  },
];

/** Orders that are under way at the first start: the services take them up and bring them to their end. */
const UNDER_WAY: readonly Fate[] = [
  { weight: 1, passed: ["PENDING"] },
  { weight: 1, passed: ["PENDING", "AWAITING_PAYMENT"], payment: "ACTION_REQUIRED" },
  { weight: 1, passed: ["PENDING", "AWAITING_PAYMENT", "CONFIRMED"], payment: "AUTHORIZED" },
  {
    weight: 1,
    passed: ["PENDING", "AWAITING_PAYMENT", "CANCELLING"],
    cancelReason: "CUSTOMER",
    payment: "AUTHORIZED",
  },
];

const ADAS_ORDERS = 26;
const OTHERS_ORDERS = 34;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * A few dozen orders of the last months before `now`, in all states; most are Ada's. Except for their dates the same
 * on every call.
 */
export const makeHistory = (people: readonly SeedPerson[], { products }: SeedCatalogue, now: Date): PastOrder[] => {
  const random = createRandom(1843);
  const customers = people.filter(({ roles }) => roles.includes("CUSTOMER"));
  const [ada, ...others] = customers;
  if (!ada) throw new Error("The example people have no customer.");
  const buyable = products
    .filter(({ status }) => status === "ACTIVE")
    .flatMap(({ title, variants }) =>
      variants.map((variant) => ({ ...variant, title: lineTitle(title, variant.title) })),
    );
  const drawn = FATES.flatMap((fate) => Array<Fate>(fate.weight).fill(fate));
  const count = ADAS_ORDERS + OTHERS_ORDERS;

  const past = Array.from({ length: count }, (_, index) =>
    makeOrder({
      customer: index % 5 < 2 || index % 11 === 0 ? ada : random.pick(others),
      // The first ones cover every fate, so that none is missing.
      fate: FATES[index] ?? random.pick(drawn),
      // Four days back at least: what was delivered by now had the time for it.
      placedAt: new Date(now.getTime() - (4 + (count - index) * 2.5) * DAY_MS - random.integer(0, DAY_MS)),
      index,
      buyable,
      random,
    }),
  );
  const current = UNDER_WAY.map((fate, index) =>
    makeOrder({
      customer: index < 2 ? ada : random.pick(others),
      fate,
      placedAt: new Date(now.getTime() - (UNDER_WAY.length - index) * MINUTE_MS),
      index: count + index,
      buyable,
      random,
    }),
  );
  return [...past, ...current];
};

interface Buyable {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly price: bigint;
  readonly weightGrams: number;
}

const makeOrder = (options: {
  customer: SeedPerson;
  fate: Fate;
  placedAt: Date;
  index: number;
  buyable: readonly Buyable[];
  random: Random;
}): PastOrder => {
  const { customer, fate, placedAt, index, random } = options;
  const status = fate.passed.at(-1) ?? "PENDING";
  const day = placedAt.toISOString().slice(0, 10).replaceAll("-", "");
  const timeline = makeTimeline(fate.passed, placedAt, random);
  return {
    id: seededId("ord", placedAt, random),
    // Z marks the example orders: the numbers that the orders service makes never have it there.
    number: `SG-${day}-Z${String(index + 1).padStart(5, "0")}`,
    customer,
    status,
    cancelReason: fate.cancelReason ?? null,
    placedAt,
    timeline,
    lines: random.sample(options.buyable, random.integer(1, 4)).map((variant) => ({
      id: seededId("lin", placedAt, random),
      variantId: variant.id,
      sku: variant.sku,
      title: variant.title,
      quantity: random.integer(1, 3),
      unitPriceMinor: variant.price,
      weightGrams: variant.weightGrams,
    })),
    payment: fate.payment === undefined ? null : makePayment(fate, fate.payment, timeline, random),
  };
};

const makePayment = (
  fate: Fate,
  status: PastPayment["status"],
  timeline: PastOrder["timeline"],
  random: Random,
): PastPayment => {
  const createdAt = timeline.find((event) => event.status === "AWAITING_PAYMENT")?.at ?? new Date(0);
  const endedAt = timeline.at(-1)?.at ?? createdAt;
  return {
    id: seededId("pay", createdAt, random),
    providerPaymentId: seededId("psp", createdAt, random),
    status,
    declineCode: fate.declineCode ?? null,
    createdAt,
    refund:
      fate.refund === undefined
        ? null
        : { id: seededId("ref", endedAt, random), share: fate.refund, createdAt: endedAt },
  };
};

const NOTES: Partial<Record<OrderStatus, readonly string[]>> = {
  SHIPPED: ["Handed to the carrier."],
  DELIVERED: ["Left with a neighbour.", "Signed for."],
};

const makeTimeline = (passed: readonly OrderStatus[], placedAt: Date, random: Random): PastOrder["timeline"] => {
  let at = placedAt.getTime();
  return passed.map((status, index) => {
    // Goods take days; everything else takes seconds.
    if (index > 0)
      at +=
        status === "SHIPPED" || status === "DELIVERED"
          ? random.integer(1, 3) * (DAY_MS / 2)
          : random.integer(1, 20) * 1000;
    const notes = NOTES[status];
    return { status, at: new Date(at), note: notes ? random.pick(notes) : null };
  });
};
