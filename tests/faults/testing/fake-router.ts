import { createServer } from "node:http";
import { z } from "zod";

/** What the router answers to one request; `hang up` ends the connection without an answer. */
export type FakeAnswer =
  | { readonly status?: number; readonly body: string | object }
  | { readonly hangUp: "before it took effect" | "after it took effect" };

export interface FakeRouter {
  readonly endpoint: string;
  /** Orders that were placed, by idempotency key. */
  readonly orders: ReadonlyMap<string, string>;
  /** Requests to place one, as they came. */
  readonly placed: readonly { readonly key: string; readonly token: string | undefined }[];
  stop(): Promise<void>;
}

const Body = z.object({
  query: z.string(),
  variables: z.looseObject({ input: z.looseObject({ idempotencyKey: z.string().optional() }).optional() }),
});

/** A router with a shop behind it that always sells, except for what `interfere` answers instead. */
export const startFakeRouter = async (
  interfere: (key: string, attempt: number) => FakeAnswer | null = () => null,
): Promise<FakeRouter> => {
  const orders = new Map<string, string>();
  const placed: { key: string; token: string | undefined }[] = [];
  const attempts = new Map<string, number>();

  const place = (key: string): object => {
    const id = orders.get(key) ?? `ord_${orders.size + 1}`;
    orders.set(key, id);
    return { data: { cartSetLine: { userErrors: [] }, placeOrder: { order: { id }, userErrors: [] } } };
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { query, variables } = Body.parse(JSON.parse(Buffer.concat(chunks).toString()));
      const answer = (status: number, body: string | object) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      };
      if (query.includes("session:"))
        return answer(200, {
          data: { session: { accessToken: "token", refreshToken: "refresh", userErrors: [] } },
        });
      const key = variables.input?.idempotencyKey;
      if (!query.includes("placeOrder") || key === undefined)
        return answer(200, {
          data: {
            cart: { lines: [] },
            order: null,
            cancelOrder: { order: { id: "any" }, userErrors: [] },
            me: { orders: { edges: [...orders.values()].map((id) => ({ node: { id } })) } },
          },
        });
      const attempt = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, attempt);
      placed.push({ key, token: request.headers.authorization });
      const interference = interfere(key, attempt);
      if (interference === null) return answer(200, place(key));
      if ("body" in interference) return answer(interference.status ?? 200, interference.body);
      if (interference.hangUp === "after it took effect") place(key);
      return request.socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected a port.");
  return {
    endpoint: `http://127.0.0.1:${address.port}/graphql`,
    orders,
    placed,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
