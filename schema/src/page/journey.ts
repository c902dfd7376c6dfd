import type { Explained } from "../explain/explanation.ts";
import { type PlanStep, stepsOf } from "../explain/plan-tree.ts";
import type { OperationMistake } from "../explain/subject.ts";
import { type Box, curve, type DrawnCard, type Layout, type Panel } from "./layout.ts";
import type { Status } from "./map.ts";

/** An operation whose way through the subgraphs the page can show. */
export interface PageOperation {
  /** `storefront/ProductPage`. */
  readonly id: string;
  /** As the head answers it; as the base did where the head cannot. */
  readonly explained: Explained;
  /** Against the base: `added` where the base cannot answer it, `removed` where the head cannot, `changed` where it is planned otherwise. */
  readonly status: Status;
  /** Why the head cannot answer it; none where it can. */
  readonly mistakes: readonly OperationMistake[];
  /** What was before; null where there was no plan. */
  readonly before: Explained | null;
}

export interface Journey {
  readonly stops: readonly Stop[];
  /** Of SVG paths, from stop to stop. */
  readonly legs: readonly string[];
  /** Ids of the cards that it comes to. */
  readonly cards: readonly string[];
}

/** Where a step is answered. */
export interface Stop {
  readonly step: PlanStep;
  readonly x: number;
  readonly y: number;
}

/** The way of an operation over the map. A step that no card is for is shown at its subgraph's head. */
export const journeyOf = ({ explained }: PageOperation, layout: Layout): Journey => {
  const panels = new Map(layout.panels.map((panel) => [panel.subgraph.name, panel]));
  const used = new Map<Box, number>();
  const stops: Stop[] = [];
  const legs: string[] = [];
  const boxes = new Map<number, Box>();
  const cards = new Set<string>();
  for (const step of stepsOf(explained.tree)) {
    const panel = panels.get(step.subgraph);
    if (!panel) continue;
    const card = cardFor(step, panel);
    const box: Box = card ?? { ...panel, height: 40 };
    if (card) cards.add(card.card.id);
    const before = step.waitsFor.flatMap((number) => {
      const from = boxes.get(number);
      return from ? [{ number, box: from }] : [];
    });
    // Steps that come to the same card stand below each other.
    const nth = used.get(card ?? panel) ?? 0;
    used.set(card ?? panel, nth + 1);
    const y = box.y + 16 + nth * STOP_GAP;
    const from = before[0]?.box;
    const entersRight = from !== undefined && (from.x > box.x || from.x === box.x);
    stops.push({ step, x: entersRight ? box.x + box.width : box.x, y });
    for (const { number, box: source } of before) {
      const sourceStop = stops.find((stop) => stop.step.number === number);
      legs.push(curve(source, box, sourceStop?.y ?? source.y + 16, y));
    }
    boxes.set(step.number, box);
  }
  return { stops, legs, cards: [...cards] };
};

const STOP_GAP = 26;

const cardFor = (step: PlanStep, { cards }: Panel): DrawnCard | undefined => {
  const types = step.asksFor.length > 0 ? step.asksFor.map(({ type }) => type) : [];
  if (types.length > 0) return cards.find(({ card }) => types.includes(card.type) && card.role !== "root");
  // The root that has the fields, whatever the schema calls it.
  const asked = new Set(step.fields.map(({ name }) => name));
  return cards.find(
    ({ card }) => card.role === "root" && card.fields.some(({ name }) => asked.has(name)) && isRootOf(card.type, step),
  );
};

const isRootOf = (type: string, { operationKind }: PlanStep): boolean =>
  !["Query", "Mutation", "Subscription"].includes(type) || type.toLowerCase() === operationKind;
