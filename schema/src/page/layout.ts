import { inAffinityOrder } from "./affinity.ts";
import type { GraphMap, MapCard, MapField, MapLink, MapSubgraph } from "./map.ts";

/** Everything has its place, in pixels from the top left. The same map always gives the same places. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly panels: readonly Panel[];
  readonly links: readonly DrawnLink[];
  /** True where there are too many subgraphs to be seen at once: cards are terse then, and lines are faint. */
  readonly isLarge: boolean;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Panel extends Box {
  readonly subgraph: MapSubgraph;
  /** Where it stands among all, for its colour. */
  readonly index: number;
  readonly cards: readonly DrawnCard[];
  /** Below the cards: lines of text, with their baselines. */
  readonly notes: readonly { readonly y: number; readonly text: string }[];
  /** The baseline of the line that leads to all of its types. */
  readonly typesY: number;
}

export interface DrawnCard extends Box {
  readonly card: MapCard;
  /** Those that there is room for; those that changed before others. */
  readonly fields: readonly MapField[];
  readonly more: number;
}

export interface DrawnLink {
  readonly link: MapLink;
  /** Of an SVG path. */
  readonly d: string;
}

/** Up to here subgraphs stand side by side, each with its fields. */
const FEW = 5;
export const MANY = 14;

const PANEL_WIDTH = 240;
const GAP_X = 52;
const GAP_Y = 40;
const MARGIN = 24;
const PADDING = 14;
const HEADER = 58;
const CARD_GAP = 12;
const LINE = 17;
const CARD_HEAD = 30;
const CARD_FOOT = 9;
const NOTE_LINE = 17;
/** Of the small font, by the width of a card. */
export const CARD_CHARACTERS = 27;
const NOTE_CHARACTERS = 32;

export const layOut = (map: GraphMap): Layout => {
  const order = inAffinityOrder(map);
  const count = order.length;
  const isLarge = count > MANY;
  const columns = count <= FEW ? Math.max(1, count) : Math.max(4, Math.ceil(Math.sqrt(count * 0.9)));
  const bottoms = new Array<number>(columns).fill(MARGIN);
  const panels = order.map((subgraph): Panel => {
    // The first of the shortest: neighbours in the order stay neighbours on the page.
    const column = bottoms.indexOf(Math.min(...bottoms));
    const x = MARGIN + column * (PANEL_WIDTH + GAP_X);
    const y = bottoms[column] ?? MARGIN;
    const panel = panelAt(x, y, subgraph, map.subgraphs.indexOf(subgraph), isLarge);
    bottoms[column] = y + panel.height + GAP_Y;
    return panel;
  });
  return {
    width: 2 * MARGIN + columns * PANEL_WIDTH + (columns - 1) * GAP_X,
    height: Math.max(...bottoms, 2 * MARGIN) - GAP_Y + MARGIN,
    panels,
    links: drawLinks(map.links, panels),
    isLarge,
  };
};

const panelAt = (x: number, y: number, subgraph: MapSubgraph, index: number, isTerse: boolean): Panel => {
  let at = y + HEADER;
  const cards = subgraph.cards.map((card): DrawnCard => {
    const { fields, more } = shownFields(card, isTerse);
    const lines = (card.keys.length > 0 ? 1 : 0) + fields.length + (more > 0 ? 1 : 0);
    const height = CARD_HEAD + lines * LINE + CARD_FOOT;
    const drawn = { card, fields, more, x: x + PADDING, y: at, width: PANEL_WIDTH - 2 * PADDING, height };
    at += height + CARD_GAP;
    return drawn;
  });
  const refersTo = subgraph.refersTo.length === 0 ? [] : linesOf(`refers to ${subgraph.refersTo.join(", ")}`);
  const notes = refersTo.slice(0, MAX_NOTES).map((text, line) => ({ y: at + 10 + line * NOTE_LINE, text }));
  at += notes.length * NOTE_LINE + 4;
  return { subgraph, index, cards, notes, typesY: at + 10, x, y, width: PANEL_WIDTH, height: at + 26 - y };
};

const MAX_NOTES = 3;

/** What changed is always told, however much it is; of the rest as much as helps to recognise it. */
const shownFields = ({ role, fields }: MapCard, isTerse: boolean): { fields: MapField[]; more: number } => {
  const changed = fields.filter(({ status }) => status !== "same");
  const isWhole = fields.length > 0 && fields.every(({ status }) => status === fields[0]?.status);
  const room = isTerse ? 0 : ROOM[role];
  // Of what is new or gone as a whole it is the card that tells.
  const told = isWhole ? changed.slice(0, Math.max(room, TERSE_ROOM)) : changed;
  const shown = new Set([
    ...told,
    ...fields.filter(({ status }) => status === "same").slice(0, Math.max(0, room - told.length)),
  ]);
  return { fields: fields.filter((field) => shown.has(field)), more: fields.length - shown.size };
};

const ROOM: Readonly<Record<MapCard["role"], number>> = { root: 8, home: 3, extension: 6, value: 3 };
const TERSE_ROOM = 3;

/** Broken at commas. */
const linesOf = (text: string): string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > NOTE_CHARACTERS) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
};

const drawLinks = (links: readonly MapLink[], panels: readonly Panel[]): DrawnLink[] => {
  const cards = new Map(panels.flatMap((panel) => panel.cards.map((drawn) => [drawn.card.id, drawn] as const)));
  return links.flatMap((link) => {
    const [from, to] = [cards.get(link.from), cards.get(link.to)];
    return from && to ? [{ link, d: curve(from, to) }] : [];
  });
};

/** Between the heads of two cards, on the sides that face each other. */
export const curve = (from: Box, to: Box, fromY = from.y + 16, toY = to.y + 16): string => {
  const goesRight = from.x < to.x;
  const isSameColumn = from.x === to.x;
  const x1 = goesRight || isSameColumn ? from.x + from.width : from.x;
  const x2 = isSameColumn ? to.x + to.width : goesRight ? to.x : to.x + to.width;
  const reach = isSameColumn ? 46 : Math.max(34, Math.abs(x2 - x1) * 0.45);
  const c1 = goesRight || isSameColumn ? x1 + reach : x1 - reach;
  const c2 = isSameColumn ? x2 + reach : goesRight ? x2 - reach : x2 + reach;
  return `M${x1} ${fromY}C${round(c1)} ${fromY} ${round(c2)} ${toY} ${x2} ${toY}`;
};

const round = (number: number): number => Math.round(number * 10) / 10;
