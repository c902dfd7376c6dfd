import { Command } from "commander";
import type { Run, Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";

export const approveCommand = (_shell: Shell, _ended: Run): Command =>
  new Command("approve").description("Not there yet.").action(() => {
    throw new UsageError("approve is not there yet.");
  });
