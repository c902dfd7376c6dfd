import { envPostgresUrl, parseConfig, runTask } from "@supergraph/service";
import { z } from "zod";
import { seedIfEmpty } from "./seed.ts";

/**
 * Fills the migrated databases of services that run by themselves with the example shop, unless they have one, and puts
 * its payments into the sandbox provider's journal, which must not run yet.
 */
await runTask(async () => {
  const env = parseConfig(
    z.object({
      USERS_DATABASE_URL: envPostgresUrl("users"),
      PRODUCTS_DATABASE_URL: envPostgresUrl("products"),
      ORDERS_DATABASE_URL: envPostgresUrl("orders"),
      PAYMENTS_DATABASE_URL: envPostgresUrl("payments"),
      SANDBOX_PROVIDER_DIRECTORY: z.string("expected a directory").meta({ example: "./.data/sandbox-provider" }),
      /** The same at each try: orders are dated from it. */
      EXAMPLE_SHOP_AT: z.iso
        .datetime("expected a time, RFC 3339 in UTC")
        .meta({ example: "2026-01-31T12:00:00Z" })
        .optional(),
    }),
    process.env,
  );
  await seedIfEmpty(
    {
      users: env.USERS_DATABASE_URL,
      products: env.PRODUCTS_DATABASE_URL,
      orders: env.ORDERS_DATABASE_URL,
      payments: env.PAYMENTS_DATABASE_URL,
    },
    env.SANDBOX_PROVIDER_DIRECTORY,
    env.EXAMPLE_SHOP_AT === undefined ? new Date() : new Date(env.EXAMPLE_SHOP_AT),
  );
});
