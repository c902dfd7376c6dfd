import { Command } from "commander";
import { EXIT_CODES } from "../check/report.ts";
import { openState } from "../check/state.ts";
import { apiSdlOf } from "../composition/api-sdl.ts";
import { renderFindings } from "../formats/human.ts";
import type { Run, Shell } from "../program.ts";
import { absolutePathOf, openWorkspace, readHead, readText } from "../workspace.ts";
import { type WholeFile, writeWhole } from "../write-whole.ts";

export const composeCommand = (shell: Shell, ended: Run): Command =>
  new Command("compose")
    .description(
      "Writes what the configuration wants to be written: the supergraph that routers load, the API that clients see.",
    )
    .action(async (_options: unknown, command: Command) => {
      const workspace = await openWorkspace(command.optsWithGlobals<{ config: string }>().config);
      const opened = await openState(await readHead(workspace), "head", { cache: null });
      if (opened.kind !== "servable") {
        shell.err(renderFindings(opened.findings, shell));
        return ended(EXIT_CODES.broken);
      }
      const { supergraphSdl, api } = opened.state;
      const { artifacts } = workspace.config;
      const stale: WholeFile[] = [];
      const told: string[] = [];
      for (const [name, text] of [
        [artifacts.supergraph, supergraphSdl],
        [artifacts.api, apiSdlOf(api)],
      ] as const) {
        if (name === undefined) continue;
        const shown = workspace.folder === "." ? name : `${workspace.folder}/${name}`;
        const isFresh = (await readText(workspace, shown)) === text;
        if (!isFresh) stale.push({ path: absolutePathOf(workspace, name), text });
        told.push(`${shown} ${isFresh ? "is up to date" : "written"}\n`);
      }
      // Together: one of them alone would be of another schema than the other.
      await writeWhole(stale);
      shell.out(told.join(""));
      if (artifacts.supergraph === undefined && artifacts.api === undefined) shell.out(supergraphSdl);
    });
