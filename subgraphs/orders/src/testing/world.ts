import { type EventContract, money, orderEvents, paymentEvents, productEvents } from "@supergraph/contracts";
import { createInProcessBus, type InProcessBus, newMessage, on, type ReceivedEvent } from "@supergraph/messaging";
import { newId, silentLogger } from "@supergraph/service";
import type { z } from "zod";

/** What the scripted products and payments services answer; what is not given is the happy path. */
export interface Script {
  reserve?: "reserved" | "rejected" | "silent";
  commit?: "committed" | "expired" | "silent";
  authorize?: "authorized" | "action_required" | "declined" | "failed" | "silent";
  capture?: "captured" | "failed" | "silent";
  undo?: "done" | "silent";
}

export interface ReceivedCommand {
  readonly type: string;
  readonly id: string;
  readonly orderId: string;
  readonly data: Record<string, unknown>;
}

export interface World {
  readonly bus: InProcessBus;
  /** Every command that orders sent, in the order of its arrival. */
  readonly commands: ReceivedCommand[];
  /** Every `orders.order.*` event. */
  readonly events: ReceivedCommand[];
  script: Script;
  /** Publishes an event as products, payments or users would; each call is a new message. */
  tell<Schema extends z.ZodType>(
    contract: EventContract<Schema>,
    data: z.output<Schema>,
    id?: string,
    key?: string,
  ): Promise<void>;
  typesFor(orderId: string): string[];
}

const later = () => new Date(Date.now() + 3_600_000).toISOString();

/** An in-process bus with services on it that answer as `script` says. Open the bus once the subgraph has started. */
export const createWorld = async (): Promise<World> => {
  const bus = createInProcessBus({ log: silentLogger() });
  const commands: ReceivedCommand[] = [];
  const events: ReceivedCommand[] = [];

  const tell: World["tell"] = (contract, data, id = newId("evt"), key = "world") =>
    bus.publish(
      newMessage(contract, {
        id,
        key,
        time: new Date(),
        correlationId: "world",
        causationId: null,
        data,
      }),
    );
  const world: World = {
    bus,
    commands,
    events,
    script: {},
    tell,
    typesFor: (orderId) => commands.filter((command) => command.orderId === orderId).map(({ type }) => type),
  };

  const hear = async <Schema extends z.ZodType<{ orderId: string }>>(
    contract: EventContract<Schema>,
    answer: (event: ReceivedEvent<z.output<Schema>>) => void,
    heard: ReceivedCommand[] = commands,
  ) => {
    const subscription = on(contract, async (event: ReceivedEvent<z.output<Schema>>, _tx: undefined) => {
      const type = contract.type.replace(/^orders\./, "");
      heard.push({ type, id: event.id, orderId: event.data.orderId, data: { ...event.data } });
      answer(event);
    });
    await bus.consume({
      service: "world",
      subject: subscription.subject,
      handle: (deliveries) => subscription.handle(deliveries, undefined),
    });
  };
  /** Not awaited: a service answers through its own outbox, after it has acknowledged. */
  const reply: World["tell"] = async (contract, data) => {
    void tell(contract, data).catch(() => undefined);
  };

  await hear(orderEvents.reserveStock, ({ data: { reservationId, orderId } }) => {
    const answer = world.script.reserve ?? "reserved";
    if (answer === "reserved") void reply(productEvents.stockReserved, { reservationId, orderId, expiresAt: later() });
    if (answer === "rejected")
      void reply(productEvents.stockRejected, { reservationId, orderId, reason: "OUT_OF_STOCK", shortages: [] });
  });
  await hear(orderEvents.commitStock, ({ data: { reservationId, orderId } }) => {
    const answer = world.script.commit ?? "committed";
    if (answer === "committed") void reply(productEvents.stockCommitted, { reservationId, orderId });
    if (answer === "expired") void reply(productEvents.stockExpired, { reservationId, orderId });
  });
  await hear(orderEvents.releaseStock, ({ data: { reservationId, orderId } }) => {
    if (world.script.undo !== "silent")
      void reply(productEvents.stockReleased, { reservationId, orderId, restocked: false });
  });
  await hear(orderEvents.restockStock, ({ data: { reservationId, orderId } }) => {
    if (world.script.undo !== "silent")
      void reply(productEvents.stockReleased, { reservationId, orderId, restocked: true });
  });
  await hear(orderEvents.authorizePayment, ({ data: { orderId, amount } }) => {
    const payment = { paymentId: `pay_${orderId}`, orderId };
    const answer = world.script.authorize ?? "authorized";
    if (answer === "authorized") void reply(paymentEvents.paymentAuthorized, { ...payment, amount });
    if (answer === "action_required") void reply(paymentEvents.paymentActionRequired, payment);
    if (answer === "declined") void reply(paymentEvents.paymentDeclined, { ...payment, declineCode: "card_expired" });
    if (answer === "failed")
      void reply(paymentEvents.paymentFailed, { ...payment, operation: "AUTHORIZE", reason: "provider said no" });
  });
  await hear(orderEvents.capturePayment, ({ data: { orderId } }) => {
    const payment = { paymentId: `pay_${orderId}`, orderId };
    const answer = world.script.capture ?? "captured";
    if (answer === "captured") void reply(paymentEvents.paymentCaptured, { ...payment, amount: money(1n) });
    if (answer === "failed")
      void reply(paymentEvents.paymentFailed, { ...payment, operation: "CAPTURE", reason: "authorisation is gone" });
  });
  await hear(orderEvents.voidPayment, ({ data: { orderId } }) => {
    if (world.script.undo !== "silent")
      void reply(paymentEvents.paymentVoided, { paymentId: `pay_${orderId}`, orderId });
  });
  await hear(orderEvents.refundPayment, ({ data: { orderId } }) => {
    if (world.script.undo !== "silent")
      void reply(paymentEvents.paymentRefunded, {
        paymentId: `pay_${orderId}`,
        orderId,
        refundId: newId("ref"),
        amount: money(1n),
        refundedTotal: money(1n),
        full: true,
      });
  });

  const silently = () => undefined;
  await hear(orderEvents.orderPlaced, silently, events);
  await hear(orderEvents.orderConfirmed, silently, events);
  await hear(orderEvents.orderPaid, silently, events);
  await hear(orderEvents.orderShipped, silently, events);
  await hear(orderEvents.orderCancelled, silently, events);
  await hear(orderEvents.orderStatusChanged, silently, events);
  return world;
};
