import { Command } from "commander";
import type { Run, Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";

export const historyCommand = (_shell: Shell, _ended: Run): Command =>
  new Command("history").description("Not there yet.").action(() => {
    throw new UsageError("history is not there yet.");
  });
