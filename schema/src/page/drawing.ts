import type { Journey, Stop } from "./journey.ts";
import type { DrawnCard, DrawnLink, Layout, Panel } from "./layout.ts";
import { CARD_CHARACTERS } from "./layout.ts";
import type { MapCard, MapField, Status } from "./map.ts";
import { html, type Markup } from "./markup.ts";

/** Where a subgraph's colour is on the wheel, in degrees. A few are far apart; of many, neighbours are. */
export const hueOf = (index: number): number => FEW_HUES[index] ?? Math.round((index * 137.508 + 20) % 360);

const FEW_HUES = [255, 152, 62, 335, 205, 20, 295, 110];

/** Smaller than this its text cannot be read: it is scrolled then. */
const LEAST_SCALE = 0.78;

/** What a status is marked by where colour does not tell. */
export const SIGNS: Readonly<Record<Status, string>> = { same: "", added: "+", removed: "−", changed: "~" };

const WORDS: Readonly<Record<Status, string>> = { same: "", added: "new", removed: "gone", changed: "changed" };

export interface DrawnOperation {
  readonly elementId: string;
  readonly name: string;
  readonly journey: Journey;
  readonly isChosen: boolean;
}

/** The whole map as SVG: panels, then lines, then cards, then the ways of operations over them. */
export const drawMap = (layout: Layout, operations: readonly DrawnOperation[]): Markup => {
  const homes = homesOf(layout);
  return html`<svg id="map" class="map${layout.isLarge ? " large" : ""}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${layout.height}" width="${layout.width}" height="${layout.height}" style="--least:${Math.round(layout.width * LEAST_SCALE)}px" role="group" aria-labelledby="map-title">
<title id="map-title">Subgraphs with the entities that they own and extend</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="17" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0L10 5L0 10z"/></marker></defs>
<g class="panels">${layout.panels.map(drawPanel)}</g>
<g class="base"><g class="links">${layout.links.map((link) => drawLink(link, layout))}</g>
<g class="cards">${layout.panels.map((panel) => panel.cards.map((card) => drawCard(card, panel, homes)))}</g></g>
<g class="paths">${operations.map((operation) => drawPath(operation))}</g>
</svg>`;
};

interface Home {
  readonly subgraph: string;
  readonly index: number;
}

const homesOf = ({ panels }: Layout): ReadonlyMap<string, Home> =>
  new Map(
    panels.flatMap(({ cards, subgraph, index }) =>
      cards.flatMap(({ card }) =>
        card.role === "home" ? [[card.type, { subgraph: subgraph.name, index }] as const] : [],
      ),
    ),
  );

const drawPanel = ({ subgraph, index, x, y, width, height, notes, typesY }: Panel): Markup => {
  const changed = subgraph.types.filter(({ status }) => status !== "same").length;
  const told = subgraph.status === "changed" ? `~ ${changed}` : `${SIGNS[subgraph.status]} ${WORDS[subgraph.status]}`;
  return html`<g class="panel tint ${subgraph.status}" id="${subgraph.id}" style="--h:${hueOf(index)}" data-text="${subgraph.name.toLowerCase()}">
<rect class="sheet" x="${x}" y="${y}" width="${width}" height="${height}" rx="12"/>
<path class="head" d="M${x} ${y + 46}v-34a12 12 0 0 1 12 -12h${width - 24}a12 12 0 0 1 12 12v34z"/>
<text class="subgraph" x="${x + 14}" y="${y + 22}">${cut(subgraph.name, 24)}</text>
<text class="url" x="${x + 14}" y="${y + 38}">${cut(subgraph.url, 36)}</text>
${subgraph.status === "same" ? null : html`<text class="told ${subgraph.status}" x="${x + width - 14}" y="${y + 22}" text-anchor="end">${told}<title>${subgraph.status === "changed" ? `${changed} of its types changed` : `this subgraph is ${WORDS[subgraph.status]}`}</title></text>`}
${notes.map(({ y: at, text }) => html`<text class="note" x="${x + 14}" y="${at}">${cut(text, 40)}</text>`)}
<a href="#${subgraph.id}-types" class="types"><text x="${x + 14}" y="${typesY}">all ${subgraph.types.length} types</text></a>
</g>
`;
};

const drawLink = ({ link, d }: DrawnLink, { panels }: Layout): Markup => {
  const home = panels.find(({ cards }) => cards.some(({ card }) => card.id === link.from));
  return html`<path class="link tint ${link.status}" style="--h:${hueOf(home?.index ?? 0)}" data-from="${link.from}" data-to="${link.to}" d="${d}"/>`;
};

const drawCard = (drawn: DrawnCard, { subgraph, index }: Panel, homes: ReadonlyMap<string, Home>): Markup => {
  const { card, fields, more, x, y, width, height } = drawn;
  const home = homes.get(card.type);
  const second = keyLine(card, home?.subgraph);
  let line = y + 20;
  const next = (): number => {
    line += 17;
    return line;
  };
  return html`<a class="card tint ${card.role} ${card.status}" id="${card.id}" href="#${typeIdOf(card)}" style="--h:${hueOf(card.role === "extension" ? (home?.index ?? index) : index)}" data-text="${searchText(card, subgraph.name)}">
<text class="spoken" x="${x}" y="${y}">${spoken(card, subgraph.name)}</text>
<g aria-hidden="true"><title>${card.type}</title>
<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="7"/>
<rect class="stripe" x="${x}" y="${y}" width="5" height="${height}" rx="2.5"/>
<text class="name" x="${x + 14}" y="${line}">${cut(card.type, 25)}</text>
${card.status === "same" ? null : html`<text class="told ${card.status}" x="${x + width - 17}" y="${line}" text-anchor="end">${SIGNS[card.status]}</text>`}
${second === null ? null : html`<text class="key" x="${x + 14}" y="${next()}">${cut(second, CARD_CHARACTERS)}</text>`}
${fields.map((field) => html`<text class="field ${field.status}" x="${x + 14}" y="${next()}">${fieldLine(field)}</text>`)}
${more > 0 ? html`<text class="more" x="${x + 14}" y="${next()}">${fields.length === 0 ? "" : "and "}${more} ${fields.length === 0 ? "field" : "more"}${fields.length === 0 && more !== 1 ? "s" : ""}</text>` : null}</g>
</a>
`;
};

/** Of the entry that tells all of a type, below the map. */
export const typeIdOf = (card: MapCard): string => card.id.replace(/^.*-c-/, "");

const keyLine = ({ role, keys }: MapCard, home: string | undefined): string | null => {
  if (keys.length === 0) return null;
  if (role === "home") return `key ${keys.join(" · ")}`;
  return home === undefined ? `key ${keys.join(" · ")}` : `by ${keys.join(" · ")}, from ${home}`;
};

const fieldLine = ({ name, type, status }: MapField): Markup => {
  const sign = status === "same" ? "" : `${SIGNS[status]} `;
  const shown = cut(name, CARD_CHARACTERS - sign.length);
  const room = CARD_CHARACTERS - sign.length - shown.length - 2;
  return html`${sign}${shown}${room >= 3 ? html`<tspan class="type">: ${cut(type, room)}</tspan>` : null}<title>${name}: ${type}</title>`;
};

const searchText = ({ type, fields, keys }: MapCard, subgraph: string): string =>
  [type, subgraph, ...keys, ...fields.map(({ name }) => name)].join(" ").toLowerCase();

const spoken = ({ type, role, status, keys, fields }: MapCard, subgraph: string): string =>
  [
    role === "extension" ? `${type}, extended by ${subgraph}` : `${type} of ${subgraph}`,
    ...(status === "same" ? [] : [WORDS[status]]),
    ...(keys.length === 0 ? [] : [`key ${keys.join(" or ")}`]),
    `${fields.length} ${fields.length === 1 ? "field" : "fields"}`,
  ].join(", ");

const drawPath = ({
  elementId,
  name,
  journey,
  isChosen,
}: DrawnOperation): Markup => html`<g class="path${isChosen ? " chosen" : ""}" id="${elementId}"><title>${name}</title>
${journey.cards.map((id) => html`<use href="#${id}"/>`)}
${journey.legs.map((d) => html`<path class="halo" d="${d}"/>`)}${journey.legs.map((d) => html`<path class="leg" d="${d}" marker-end="url(#tip)"/>`)}
${journey.stops.map(drawStop)}</g>
`;

const drawStop = ({ step, x, y }: Stop): Markup =>
  html`<g class="stop"><circle cx="${x}" cy="${y}" r="11"/><text class="number-in" x="${x}" y="${y + 4}" text-anchor="middle">${step.number}</text><title>step ${step.number}: ${step.subgraph}</title></g>`;

/** A name that is too long for its place ends with an ellipsis: all of it is in the title and the lists. */
const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
