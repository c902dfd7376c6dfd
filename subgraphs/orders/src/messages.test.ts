import { type EventContract, orderEvents } from "@supergraph/contracts";
import type { Message } from "@supergraph/messaging";
import { describe, expect, it } from "vitest";
import type { OrderRow } from "./db/schema.ts";
import type { Command } from "./domain/saga-model.ts";
import { commandMessage, type MessageContext, orderPlacedMessage, statusMessages } from "./messages.ts";

const NOON = new Date("2026-01-31T12:00:00.000Z");

const order: OrderRow = {
  id: "ord_1",
  number: "2026-000001",
  customerId: "usr_1",
  status: "CANCELLED",
  cancelReason: "CUSTOMER",
  trackingNumber: "1Z",
  line1: "1 Main Street",
  line2: null,
  city: "Berlin",
  region: null,
  postalCode: "10115",
  country: "DE",
  eraseAddress: false,
  currency: "EUR",
  subtotalMinor: 1_999n,
  taxMinor: 0n,
  shippingMinor: 0n,
  totalMinor: 1_999n,
  placedAt: NOON,
};
const context: MessageContext = { order, version: 7, now: NOON, cause: { correlationId: "req_1", causationId: null } };
const payload = { lines: [{ variantId: "var_1", quantity: 2 }], paymentMethodToken: "tok_1" };

const commands: readonly Command[] = [
  { kind: "reserve", reservationId: "res_1", expiresAt: NOON, repeat: false },
  { kind: "commit", reservationId: "res_1", repeat: false },
  { kind: "release", reservationId: "res_1", repeat: false },
  { kind: "restock", reservationId: "res_1", repeat: false },
  { kind: "authorize", repeat: false },
  { kind: "capture", repeat: false },
  { kind: "void", reason: "CUSTOMER", repeat: false },
  { kind: "refund", attempt: 2, reason: "CUSTOMER", repeat: false },
];

const contracts = new Map(Object.values(orderEvents).map((contract: EventContract) => [contract.subject, contract]));

/** What the message's contract says of its id and key, with the message's own data. */
const promised = ({ subject, envelope }: Message) => {
  const { id = "", key } = contracts.get(subject) ?? { key: "" };
  const data = new Map<string, unknown>(Object.entries(envelope.data ?? {}));
  return { id: id.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(data.get(name))), key: data.get(key) };
};

const actual = ({ key, envelope }: Message) => ({ id: envelope.id, key });

describe("what orders sends has the id and the key that its contract promises", () => {
  it.each(commands.map((command) => ({ command, kind: command.kind })))("for the command $kind", ({ command }) => {
    const sent = commandMessage(context, command, payload);
    expect(actual(sent)).toEqual(promised(sent));
    const repeated = commandMessage(context, { ...command, repeat: true }, payload);
    expect(repeated.envelope.id).toBe(`${sent.envelope.id}:7`);
    expect(actual({ ...repeated, envelope: { ...repeated.envelope, id: sent.envelope.id } })).toEqual(promised(sent));
  });

  it.each(["CONFIRMED", "PAID", "SHIPPED", "CANCELLED"] as const)("for the status %s", (status) => {
    const messages = statusMessages(context, { status, note: null });
    expect(messages).toHaveLength(2);
    expect(messages.map(actual)).toEqual(messages.map(promised));
  });

  it("for an order that was placed", () => {
    const placed = orderPlacedMessage(context, []);
    expect(actual(placed)).toEqual(promised(placed));
  });
});
