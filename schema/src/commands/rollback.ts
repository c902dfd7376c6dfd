import { Command } from "commander";
import type { Run, Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";

export const rollbackCommand = (_shell: Shell, _ended: Run): Command =>
  new Command("rollback").description("Not there yet.").action(() => {
    throw new UsageError("rollback is not there yet.");
  });
