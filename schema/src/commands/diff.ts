import { Command } from "commander";
import type { Run, Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";

export const diffCommand = (_shell: Shell, _ended: Run): Command =>
  new Command("diff").description("Not there yet.").action(() => {
    throw new UsageError("diff is not there yet.");
  });
