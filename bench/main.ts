import { Command } from "commander";
import { operationsCommand } from "./operations.ts";
import { reloadCommand } from "./reload/command.ts";
import { routerCommand } from "./router/command.ts";
import { schemaCommand } from "./schema/command.ts";

/** `npm run bench -- <name>`: each of the side-by-side benchmarks of this folder. */
const SCRIPTS: readonly { readonly name: string; readonly description: string; load(): Promise<unknown> }[] = [
  {
    name: "executor",
    description: "the router's executor beside Apollo's, without any network",
    load: () => import("./executor.ts"),
  },
  { name: "messages", description: "the broker's publishing and consuming", load: () => import("./messages.ts") },
  { name: "pages", description: "pages of products, orders and payments", load: () => import("./pages.ts") },
  { name: "orders", description: "orders that the orders service takes", load: () => import("./orders.ts") },
  { name: "relay", description: "the relay of the outbox", load: () => import("./relay.ts") },
  { name: "checkout-steps", description: "the steps of a checkout", load: () => import("./checkout-steps.ts") },
  { name: "shop", description: "the whole shop under load", load: () => import("./shop.ts") },
  { name: "start", description: "starting everything with npm start", load: () => import("./start.ts") },
];

const program = new Command("bench").description(
  "Benchmarks, each of them side by side with what it is compared with.",
);
program.addCommand(routerCommand());
program.addCommand(reloadCommand());
program.addCommand(operationsCommand());
program.addCommand(schemaCommand());
for (const { name, description, load } of SCRIPTS)
  program
    .command(name)
    .description(`${description}; settings are environment variables, see the file`)
    .action(async () => void (await load()));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
