import picocolors from "picocolors";
import { CHANGE_KINDS, type ChangeKind, type Changelog, type ChangelogSection } from "../changelog/changelog.ts";
import { countsOf, headingOf, othersOf, placeOf, shownPlace } from "../changelog/sentences.ts";
import { differenceOf } from "../explain/plan-difference.ts";
import { stepsOf } from "../explain/plan-tree.ts";
import { treeLines } from "../explain/tree-lines.ts";
import type { Finding } from "../findings/finding.ts";
import { hueOf, SIGNS, typeIdOf } from "./drawing.ts";
import type { PageOperation } from "./journey.ts";
import type { GraphMap, MapSubgraph, MapType } from "./map.ts";
import { html, type Markup } from "./markup.ts";

/** The change log, with links to what it is about. */
export const changesList = (log: Changelog, map: GraphMap): Markup => {
  if (log.sections.length === 0) return html`<p class="nothing">Nothing that concerns anybody.</p>`;
  return html`${log.sections.map((section) => changesSection(section, map))}`;
};

const changesSection = (section: ChangelogSection, map: GraphMap): Markup => {
  const index = map.subgraphs.findIndex(({ name }) => name === section.subgraph);
  const subgraph = map.subgraphs[index];
  return html`<section class="changes" data-group>
<h3 class="tint" style="--h:${hueOf(Math.max(0, index))}">${subgraph ? html`<i class="dot"></i><a href="#${subgraph.id}">${subgraph.name}</a>` : "The whole graph"} <small>${countsOf({ counts: countsIn(section) })}</small></h3>
<ul>${CHANGE_KINDS.flatMap((kind) => section.changes[kind].map((one) => changeItem(one, kind, section.subgraph, subgraph)))}</ul>
</section>
`;
};

const countsIn = ({ changes }: ChangelogSection): Changelog["counts"] => ({
  breaking: changes.breaking.length,
  dangerous: changes.dangerous.length,
  safe: changes.safe.length,
});

const changeItem = (
  change: Finding,
  kind: ChangeKind,
  owner: string | null,
  subgraph: MapSubgraph | undefined,
): Markup => {
  const place = placeOf(change);
  const others = othersOf(change, owner);
  const typeName = change.coordinate?.split(/[.(]/)[0];
  const type = subgraph?.types.find(({ name }) => name === typeName);
  return html`<li class="change ${kind}" data-text="${`${change.coordinate ?? ""} ${change.message} ${owner ?? ""}`.toLowerCase()}"><b class="kind">${kind}</b> ${linked(change, type)}
<details><summary>${headingOf(change)}</summary>${change.details.map((detail) => html`<p>${detail}</p>`)}<p>${change.remedy}</p>${place ? html`<p><code>${shownPlace(place)}</code></p>` : null}${others.length > 0 ? html`<p>Also concerns ${others.join(", ")}.</p>` : null}</details></li>
`;
};

/** The message, with what it is about leading to the type's entry. */
const linked = ({ message, coordinate }: Finding, type: MapType | undefined): Markup => {
  if (coordinate === null || !type) return html`${message}`;
  const link = html`<a href="#${type.id}"><code>${coordinate}</code></a>`;
  const at = message.indexOf(coordinate);
  return at < 0
    ? html`${message} ${link}`
    : html`${message.slice(0, at)}${link}${message.slice(at + coordinate.length)}`;
};

export interface ListedOperation {
  readonly elementId: string;
  readonly operation: PageOperation;
  readonly isChosen: boolean;
}

export const operationsList = (operations: readonly ListedOperation[], base: string): Markup =>
  operations.length === 0
    ? html`<p class="nothing">No operation is known.</p>`
    : html`<ul class="operations">${operations.map((one) => operationItem(one, base))}</ul>`;

const operationItem = ({ elementId, operation, isChosen }: ListedOperation, base: string): Markup => {
  const { id, explained, status, mistakes } = operation;
  const { fetches, depth, subgraphs, entities } = explained.cost;
  return html`<li data-text="${`${id} ${subgraphs.join(" ")}`.toLowerCase()}"><details class="operation" data-path="${elementId}"${isChosen ? html` open` : null}>
<summary><span class="id">${id}</span>${status === "same" ? null : html` <b class="told ${status}">${SIGNS[status]}</b>`} <small>${fetches} ${fetches === 1 ? "call" : "calls"}, depth ${depth}${entities > 0 ? `, ~${entities} ${entities === 1 ? "entity" : "entities"}` : ""}</small></summary>
${mistakes.length > 0 ? html`<p>It can no longer be answered:</p><ul class="mistakes">${mistakes.map(({ message, line, column }) => html`<li>${message} <code>${line}:${column}</code></li>`)}</ul><p>What ${base} did for it:</p>` : null}<p><a class="show" href="#${elementId}">Show its way on the map</a></p>
<ol>${stepsOf(explained.tree).map(
    (
      step,
    ) => html`<li value="${step.number}"><b>${step.subgraph}</b> ${step.asksFor.length === 0 ? step.operationKind : step.asksFor.map(({ type, key }) => `${type} by ${key}`).join(", ")}${step.waitsFor.length > 0 ? html` <small>after ${step.waitsFor.join(", ")}</small>` : null}
<code class="selection">${shortened(step.selection)}</code>${explained.marks
      .filter((mark) => mark.step === step.number)
      .map(({ text }) => html`<span class="mark">costly: ${text}</span>`)}</li>`,
  )}</ol>
${explained.savings.length > 0 ? html`<p>What could save a step:</p><ul class="savings">${explained.savings.map((text) => html`<li>${text}</li>`)}</ul>` : null}
${planDifference(operation, base)}</details></li>
`;
};

const MAX_SELECTION = 240;

const shortened = (text: string): string =>
  text.length <= MAX_SELECTION ? text : `${text.slice(0, MAX_SELECTION - 2)} …`;

const planDifference = ({ id, before, explained, status }: PageOperation, base: string): Markup | null => {
  if (status === "added") return html`<p>${base} cannot answer it.</p>`;
  if (status !== "changed" || !before) return null;
  const style = { colors: picocolors.createColors(false), width: 64 };
  const changes = differenceOf(
    treeLines(before.tree, before.marks, style),
    treeLines(explained.tree, explained.marks, style),
  );
  const signs = { same: " ", added: "+", removed: "−" } as const;
  return html`<p>Its plan is another one than at ${base}:</p><pre class="difference" tabindex="0" aria-label="How the plan of ${id} changes">${changes.map(
    ({ kind, line }) => html`<span class="${kind}">${signs[kind]} ${line}
</span>`,
  )}</pre>`;
};

/** Every type of every subgraph, folded. */
export const typesList = ({ subgraphs }: GraphMap): Markup =>
  html`${subgraphs.map(
    (
      subgraph,
      index,
    ) => html`<details class="subgraph tint" id="${subgraph.id}-types" style="--h:${hueOf(index)}" data-group>
<summary><h3><i class="dot"></i>${subgraph.name}</h3> <small>${subgraph.types.length} types</small></summary>
<ul class="types">${subgraph.types.map((type) => typeItem(type, subgraph))}</ul></details>
`,
  )}`;

const typeItem = (
  { id, name, shape, isEntity, status, keys, fields }: MapType,
  { name: subgraph, cards }: MapSubgraph,
): Markup =>
  html`<li id="${id}" class="${status}" tabindex="-1" data-text="${[name, subgraph, ...fields.map((field) => field.name)].join(" ").toLowerCase()}"><h4>${told(status)}${nameOf(id, name, cards)} <small>${isEntity ? "entity" : shape}${keys.length > 0 ? `, by ${keys.join(" or ")}` : ""}</small></h4>
${fields.length === 0 ? null : html`<ul class="fields">${fields.map((field) => html`<li class="${field.status}">${told(field.status)}<code>${field.name}: ${field.type}</code></li>`)}</ul>`}</li>
`;

/** Leads back to the map, where it is drawn. */
const nameOf = (id: string, name: string, cards: MapSubgraph["cards"]): Markup => {
  const card = cards.find((one) => typeIdOf(one) === id);
  return card ? html`<a href="#${card.id}">${name}</a>` : html`${name}`;
};

const told = (status: MapType["status"]): Markup | null =>
  status === "same"
    ? null
    : html`<b class="told ${status}">${SIGNS[status]}<span class="unseen"> ${status}: </span></b> `;
