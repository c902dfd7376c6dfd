import { Command } from "commander";
import type { Run, Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";

export const publishCommand = (_shell: Shell, _ended: Run): Command =>
  new Command("publish").description("Not there yet.").action(() => {
    throw new UsageError("publish is not there yet.");
  });
