import { firstCommand, statusesOfStates, type Transition, transitions } from "./saga-transitions.ts";

/** The saga in Markdown: a Mermaid diagram of its changes of state, and tables of what happens within a state. */
export const renderSaga = (): string => {
  const all = transitions();
  const moving = all.filter(({ from, to }) => from !== to);
  const staying = all.filter(({ from, to }) => from === to);
  return [
    "```mermaid",
    "stateDiagram-v2",
    `    [*] --> RESERVING: placeOrder / ${firstCommand()}`,
    ...merged(moving).map(({ from, to, events, commands, alert }) => {
      const effect = [...commands, ...(alert ? ["ALERT"] : [])].join(", ");
      return `    ${from} --> ${to}: ${events.join(" or ")}${effect === "" ? "" : ` / ${effect}`}`;
    }),
    "    DONE --> [*]",
    "    CANCELLED --> [*]",
    "```",
    "",
    "Read `event / commands that are sent`. ALERT is logged as an error with `alert: true`.",
    "",
    "| state | order status |",
    "| --- | --- |",
    ...statusesOfStates().map(({ state, status }) => `| ${state} | ${status} |`),
    "",
    "What is sent, or alerted, without a change of state:",
    "",
    "| state | on | sends | alert |",
    "| --- | --- | --- | --- |",
    ...rowsOf(staying).map(
      ({ from, events, sends, alert }) => `| ${from} | ${events.join(" or ")} | ${sends} | ${alert ? "yes" : ""} |`,
    ),
    "",
  ].join("\n");
};

interface Row {
  readonly from: string;
  readonly events: readonly string[];
  readonly sends: string;
  readonly alert: boolean;
}

/** What a cancellation sends again depends on what it still waits for: that is one row, not one for each combination. */
const rowsOf = (staying: readonly Transition[]): readonly Row[] => {
  const acting = staying.filter(({ commands, alert }) => commands.length > 0 || alert);
  const byEvent = groupedBy(acting, ({ from, event, alert }) => JSON.stringify([from, event, alert]));
  const rows = byEvent.flatMap((same): Row[] => {
    const [first] = same;
    if (!first) return [];
    const { from, event, alert } = first;
    const lists = new Set(same.map(({ commands }) => commands.join(", ")));
    const kinds = [...new Set(same.flatMap(({ commands }) => commands))].sort();
    const sends = lists.size > 1 ? `what is not answered of ${kinds.join(", ")}` : ([...lists][0] ?? "");
    return [{ from, events: [event], sends: sends === "" ? "nothing" : sends, alert }];
  });
  return groupedBy(rows, ({ from, sends, alert }) => JSON.stringify([from, sends, alert])).flatMap((same): Row[] => {
    const [first] = same;
    return first ? [{ ...first, events: same.flatMap(({ events }) => events) }] : [];
  });
};

interface Merged extends Omit<Transition, "event"> {
  readonly events: readonly string[];
}

/** Events that do the same are one arrow. */
const merged = (all: readonly Transition[]): readonly Merged[] =>
  groupedBy(all, ({ event: _, ...effect }) => JSON.stringify(effect)).flatMap((same): Merged[] => {
    const [first] = same;
    if (!first) return [];
    const { event: _, ...effect } = first;
    return [{ ...effect, events: same.map(({ event }) => event) }];
  });

const groupedBy = <T>(items: readonly T[], idOf: (item: T) => string): readonly (readonly T[])[] => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(idOf(item));
    if (group) group.push(item);
    else groups.set(idOf(item), [item]);
  }
  return [...groups.values()];
};
