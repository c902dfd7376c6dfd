import type { Change, Healed, Published, RolledBack, RouterAnswers, Version } from "@supergraph/registry";
import { EXIT_CODES } from "../check/report.ts";
import { plain } from "../formats/text.ts";

type Outcome = Exclude<Published, { kind: "declined" }> | RolledBack;

/** What became of it, for people, in lines; and the exit code. */
export const tellOutcome = (
  outcome: Outcome,
  environment: string,
): { readonly text: string; readonly code: number } => {
  const blocked = (...lines: string[]) => ({ text: ended(lines), code: EXIT_CODES.blocked });
  switch (outcome.kind) {
    case "published":
      return {
        text: ended([nowLive(outcome.version), ...describeRouters(outcome.routers)]),
        code: EXIT_CODES.pass,
      };
    case "unchanged":
      return {
        text: ended([
          `${environment} has this already: it is version ${outcome.version.version}. Nothing was published.`,
        ]),
        code: EXIT_CODES.pass,
      };
    case "refused": {
      const { version, routers, restored } = outcome;
      return blocked(
        `Version ${version.version} of ${environment} was refused by a router, and is not live:`,
        ...routers.refusals.map(({ router, reason }) => `  ${plain(router)}: ${plain(reason ?? "it gave no reason")}`),
        restored
          ? `Version ${restored.version} is live instead, with what version ${restored.restores} had.`
          : "There is no earlier version to go back to that no router refused: routers that served another go on with it.",
      );
    }
    case "overtaken":
      return blocked(
        `Others published to ${environment} each of ${outcome.attempts} times before this could. Nothing was published: try again.`,
      );
    case "untold":
      return blocked(
        `${nowLive(outcome.version)} Routers could not be told (${outcome.reason}), and go on with the former one.`,
        `The next command of the registry tells them: \`schema history --environment ${environment}\` does.`,
      );
    case "impossible":
      return blocked(`Nothing was rolled back: ${outcome.reason}.`);
  }
};

const nowLive = ({ environment, version, kind, restores, changes }: Version): string => {
  const what = changes.map(describeChange).join(", ");
  const again = kind === "rollback" ? ` what version ${restores} had,` : "";
  return `Version ${version} of ${environment} is live:${again} ${what || "nothing but texts that routers do not see"}.`;
};

/** What a former publisher had left undone, in lines; none where it was nothing. */
export const tellHealed = ({ told, takenBack }: Healed): string =>
  ended([
    ...(told === null ? [] : [`Routers had not been told of version ${told}: now they are.`]),
    ...(takenBack
      ? [
          `Version ${takenBack.refused} had been refused by routers (${plain(takenBack.reason)}): version ${takenBack.restored} is live instead.`,
        ]
      : []),
  ]);

/** `products 1.3.0 → 1.4.0`. */
export const describeChange = ({ subgraph, from: before, to: after }: Change): string => {
  const [from, to] = [before, after].map((version) => (version === null ? null : plain(version)));
  if (from === null) return `${subgraph} ${to} (new)`;
  if (to === null) return `${subgraph} ${from} (gone)`;
  return from === to ? `${subgraph} ${to}` : `${subgraph} ${from} → ${to}`;
};

const describeRouters = ({ serving, silent, problem }: RouterAnswers): string[] => [
  ...(serving.length > 0
    ? [`Served by ${serving.length === 1 ? "the router" : `${serving.length} routers:`} ${serving.join(", ")}.`]
    : []),
  ...(silent.length > 0
    ? [`No answer yet from ${silent.join(", ")}: should one refuse it, the next command of the registry takes it back.`]
    : []),
  ...(problem === null ? [] : [`Whether routers serve it could not be heard: ${problem}`]),
];

const ended = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
