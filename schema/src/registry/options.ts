import { InvalidArgumentError, Option } from "commander";

/** Options that the registry's commands have in common. */
export const environmentOption = (): Option =>
  new Option("--environment <name>", "where it is live, such as production").makeOptionMandatory();

export const byOption = (): Option =>
  new Option("--by <name>", "who does it; GITHUB_ACTOR, git's user or the account's unless given");

export const whyOption = (): Option => new Option("--why <text>", "why, for the history");

export const waitOption = (): Option =>
  new Option("--wait-for-routers <ms>", "how long to wait for what routers say of it; 0 for not at all")
    .argParser((text) => {
      if (/^\d{1,7}$/.test(text)) return Number(text);
      throw new InvalidArgumentError("Expected milliseconds, such as 10000.");
    })
    .default(10_000);
