import type { History, HistoryEntry, Version } from "@supergraph/registry";
import Table from "cli-table3";
import pc from "picocolors";
import { z } from "zod";
import { counted, plain } from "../formats/text.ts";
import type { Shell } from "../program.ts";
import { describeChange } from "./outcome.ts";

/** The part of a stored report that a table has room for; those of other versions of this program may be otherwise. */
const Counts = z.object({
  counts: z.object({ error: z.number(), warning: z.number(), info: z.number(), approved: z.number() }),
});

/** For people: newest first. */
export const historyTable = (
  { entries, blocked }: History,
  environment: string,
  { isTerminal, env }: Pick<Shell, "isTerminal" | "env">,
): string => {
  if (entries.length === 0 && blocked.length === 0) return `Nothing was ever published to ${environment}.\n`;
  const colors = pc.createColors(isTerminal && !env.NO_COLOR);
  const table = new Table({
    head: ["version", "when", "what", "by", "why", "check", "routers"],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [null, 21, 34, 14, 24, 20, 34],
  });
  for (const [index, entry] of entries.entries()) {
    const { version } = entry;
    table.push([
      index === 0 ? colors.green(`${version.version} live`) : String(version.version),
      moment(version.at),
      describe(version),
      plain(version.by),
      plain(version.why ?? ""),
      checked(version.report),
      routersOf(entry),
    ]);
  }
  const lines = blocked.map(
    ({ at, by, version, report }) =>
      `${moment(at)} ${plain(by)} was blocked by the check${version === null ? "" : ` against version ${version}`}: ${checked(report)}\n`,
  );
  return `${table.toString()}\n${lines.join("")}`;
};

const describe = ({ kind, restores, changes }: Version): string => {
  const what = changes.map(describeChange).join(", ");
  return plain(kind === "rollback" ? `back to ${restores}: ${what}` : what);
};

const checked = (report: unknown): string => {
  const counts = Counts.safeParse(report);
  if (!counts.success) return "";
  const { error, warning, approved } = counts.data.counts;
  return [counted(error, "error"), counted(warning, "warning"), ...(approved > 0 ? [`${approved} approved`] : [])].join(
    ", ",
  );
};

const routersOf = ({ notes }: HistoryEntry): string =>
  notes.map(({ kind, why }) => (kind === "refused" ? `refused: ${plain(why ?? "")}` : "served")).join("\n");

const moment = (at: string): string => at.slice(0, 19).replace("T", " ");
