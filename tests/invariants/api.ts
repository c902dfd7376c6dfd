import { z } from "zod";
import { type Queries, read } from "./databases.ts";
import { unless, type Violation } from "./rules.ts";

/** Asks the router as the owner of an account; answers `data`, whole. @throws when there was an error in the answer. */
export type AskAsCustomer = (
  customerId: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
) => Promise<unknown>;

const PAGE = 50;

const ORDERS = `query($after:String){me{orders(first:${PAGE},after:$after){
  edges{node{id status total{minorUnits} payment{status capturedAmount{minorUnits} refundedAmount{minorUnits}}}}
  pageInfo{hasNextPage endCursor}}}}`;

const Minor = z.object({ minorUnits: z.string() }).transform(({ minorUnits }) => minorUnits);
const Page = z.object({
  me: z.object({
    orders: z.object({
      edges: z.array(
        z.object({
          node: z.object({
            id: z.string(),
            status: z.string(),
            total: Minor,
            payment: z.object({ status: z.string(), capturedAmount: Minor, refundedAmount: Minor }).nullable(),
          }),
        }),
      ),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  }),
});

const Line = z.object({ id: z.string(), line: z.string() });

/**
 * Whether customers are shown the orders, totals and payments that the databases hold: of these customers, page by page,
 * up to `most` orders. The shop must be quiet.
 */
export const checkApi = async (
  databases: Queries,
  ask: AskAsCustomer,
  { customerIds, most }: { readonly customerIds: readonly string[]; readonly most: number },
): Promise<{ readonly orders: number; readonly violations: readonly Violation[] }> => {
  const violations: Violation[] = [];
  let orders = 0;
  for (const customerId of customerIds) {
    if (orders >= most) break;
    const { shown, isAll } = await readShown(ask, customerId, most - orders);
    // One more than is shown, where all should be: it would be missing there.
    const held = await readHeld(databases, customerId, shown.length + (isAll ? 1 : 0));
    violations.push(...compare(customerId, shown, held));
    orders += shown.length;
  }
  return { orders, violations };
};

/** A line an order, newest first. */
const readShown = async (
  ask: AskAsCustomer,
  customerId: string,
  most: number,
): Promise<{ shown: z.output<typeof Line>[]; isAll: boolean }> => {
  const shown: z.output<typeof Line>[] = [];
  let after: string | null = null;
  do {
    const answer: z.output<typeof Page> = Page.parse(await ask(customerId, ORDERS, { after }));
    const { edges, pageInfo } = answer.me.orders;
    for (const { node } of edges) {
      const { id, status, total, payment } = node;
      const money = payment ? `${payment.status}, ${payment.capturedAmount} - ${payment.refundedAmount}` : "no payment";
      shown.push({ id, line: `${id} ${status} ${total}: ${money}` });
    }
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null && shown.length < most);
  return { shown, isAll: after === null };
};

const readHeld = async (
  { orders, payments }: Queries,
  customerId: string,
  most: number,
): Promise<z.output<typeof Line>[]> => {
  const held = await read(
    orders,
    Line,
    `select id, id || ' ' || status || ' ' || total_minor as line from orders
     where customer_id = $1 order by placed_at desc, id desc limit $2`,
    [customerId, most],
  );
  const paid = await read(
    payments,
    Line,
    `select order_id as id, status || ', ' || captured_minor || ' - ' || refunded_minor as line from payments
     where order_id = any($1::text::text[])`,
    [`{${held.map(({ id }) => id).join(",")}}`],
  );
  const money = new Map(paid.map(({ id, line }) => [id, line]));
  return held.map(({ id, line }) => ({ id, line: `${line}: ${money.get(id) ?? "no payment"}` }));
};

const compare = (
  customerId: string,
  shown: readonly z.output<typeof Line>[],
  held: readonly z.output<typeof Line>[],
): Violation[] => {
  const lines = new Map(held.map(({ id, line }) => [id, line]));
  const ids = new Set(shown.map(({ id }) => id));
  const rule = "what the API answers is what the databases hold";
  return [
    ...shown.flatMap(({ id, line }) =>
      unless(lines.get(id) === line, rule, () => `${customerId} is shown "${line}"; held is "${lines.get(id)}"`),
    ),
    ...held.flatMap(({ id, line }) => unless(ids.has(id), rule, () => `${customerId} is not shown "${line}"`)),
  ];
};
