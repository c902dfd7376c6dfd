import { Command } from "commander";
import type { Run, Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";

export const explainCommand = (_shell: Shell, _ended: Run): Command =>
  new Command("explain").description("Not there yet.").action(() => {
    throw new UsageError("explain is not there yet.");
  });
