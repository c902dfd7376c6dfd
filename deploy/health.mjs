/**
 * Asks the process of this container how it is: `node health.mjs [path]`, `/health/live` unless given. Exit code 0 when it
 * answers 200. `/health/ready` also asks what it depends on: for whoever waits for it, not for whoever would restart it.
 */
import { get } from "node:http";

const { env, argv, exit } = process;
const ports = {
  router: env.ROUTER_PORT ?? env.PORT ?? 4000,
  users: env.USERS_PORT ?? 4001,
  products: env.PRODUCTS_PORT ?? 4002,
  orders: env.ORDERS_PORT ?? 4003,
  payments: env.PAYMENTS_PORT ?? 4004,
  "sandbox-provider": env.SANDBOX_PROVIDER_PORT ?? 4005,
};
const port = ports[(env.WORKSPACE ?? "").split("/").at(-1)];
const request = get({ host: "127.0.0.1", port, path: argv[2] ?? "/health/live", timeout: 4_000 }, ({ statusCode }) =>
  exit(statusCode === 200 ? 0 : 1),
);
request.on("timeout", () => exit(1));
request.on("error", () => exit(1));
