import type { Step } from "@supergraph/failpoints";
import { openDatabase } from "@supergraph/postgres";
import { withMessages } from "../messages.ts";
import type { Subgraph, System } from "../model.ts";

/** A subject that a service listens to. */
export const HEARD_BY: Readonly<Record<Exclude<Subgraph, "users">, string>> = {
  products: "orders.stock.reserve.v1",
  orders: "products.stock.reserved.v1",
  payments: "orders.payment.authorize.v1",
};

const EVERY_MS = 500;

/**
 * Makes a service come to a step that traffic alone does not lead it to, until the returned function is called. What fails
 * meanwhile is tried again.
 */
export const provocationOf = (system: System, subgraph: Subgraph, step: Step): (() => void) => {
  if (step === "consumer:buried" && subgraph !== "users") return repeat(() => sendGarbage(system, HEARD_BY[subgraph]));
  if (step === "deadline:claimed" && subgraph === "products") return repeat(() => letReservationsExpire(system));
  if (subgraph === "users") return repeat(() => register(system));
  return () => undefined;
};

/** A body that is no envelope: it becomes a dead letter at once. */
export const sendGarbage = (system: System, subject: string): Promise<number> =>
  withMessages(system.brokerUrl, (messages) =>
    messages.publish({ subject, headers: {}, body: new TextEncoder().encode("}{ this is no envelope") }),
  );

/** As if the customers had taken too long: what is held now may be given to others. */
export const letReservationsExpire = async (system: System): Promise<number> => {
  const database = openDatabase({ url: system.databaseUrls.products, schema: {}, applicationName: "faults", max: 1 });
  try {
    const { count } = await database.sql`
      update reservations set expires_at = now() - interval '1 hour' where state = 'HELD'`;
    return count;
  } finally {
    await database.close();
  }
};

const REGISTER = `mutation Register($input: RegisterInput!) { register(input: $input) { userErrors { code } } }`;
let registered = 0;

const register = async (system: System): Promise<void> => {
  registered += 1;
  const email = `newcomer-${process.pid}-${registered}@example.com`;
  await fetch(system.endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: REGISTER, variables: { input: { email, password: "comes-to-break-things" } } }),
    signal: AbortSignal.timeout(5_000),
  });
};

const repeat = (provoke: () => Promise<unknown>): (() => void) => {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const next = async () => {
    await provoke().catch(() => undefined);
    if (!stopped) timer = setTimeout(next, EVERY_MS);
  };
  void next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
};
