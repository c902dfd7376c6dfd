import type { Changelog } from "../changelog/changelog.ts";
import { countsOf } from "../changelog/sentences.ts";
import { drawMap, hueOf, SIGNS } from "./drawing.ts";
import { journeyOf, type PageOperation } from "./journey.ts";
import { layOut } from "./layout.ts";
import { changesList, operationsList, typesList } from "./lists.ts";
import type { GraphMap } from "./map.ts";
import { html, type Markup, raw } from "./markup.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

export interface PageFacts {
  readonly changelog: Changelog;
  readonly map: GraphMap;
  readonly operations: readonly PageOperation[];
  /** The operation whose way is shown at first; null for none. */
  readonly chosen: string | null;
}

/** One file that asks nobody for anything, and can be read without its script. The same facts always give the same text. */
export const renderPage = ({ changelog, map, operations, chosen }: PageFacts): string => {
  const layout = layOut(map);
  const listed = operations.map((operation, index) => ({
    elementId: `op-${index}`,
    operation,
    isChosen: operation.id === chosen,
  }));
  const drawn = listed.map(({ elementId, operation, isChosen }) => ({
    elementId,
    name: operation.id,
    journey: journeyOf(operation, layout),
    isChosen,
  }));
  const title = `Supergraph: ${changelog.head} against ${changelog.base}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<a class="skip" href="#changes">Skip the map</a>
<header>
<h1>${changelog.head} <small>against ${changelog.base}</small></h1>
<p class="counts">${counts(changelog)}</p>
<form class="scripted" role="search"><label>Filter <input type="search" id="filter" autocomplete="off" spellcheck="false" placeholder="type, field, subgraph, operation"></label> <output id="found" for="filter"></output></form>
<label class="only"><input type="checkbox" id="only"> only what changed</label>
<span class="zoom scripted" role="group" aria-label="Size of the map"><button type="button" data-zoom="out" aria-label="Smaller">−</button><button type="button" data-zoom="fit">Fit</button><button type="button" data-zoom="in" aria-label="Larger">+</button></span>
</header>
<nav aria-label="Subgraphs">${subgraphLinks(map, layout.isLarge)}</nav>
<main>
<section class="drawing" aria-labelledby="map-heading">
<h2 id="map-heading" class="unseen">Map</h2>
<div class="scroll${layout.isLarge ? " large" : ""}" tabindex="0" role="region" aria-label="Map of the supergraph">${drawMap(layout, drawn)}</div>
${legend()}
</section>
<aside aria-label="Changes and operations">
<section aria-labelledby="changes"><h2 id="changes" tabindex="-1">Changes</h2>${changesList(changelog, map)}</section>
<section aria-labelledby="operations"><h2 id="operations">Operations</h2><p class="scripted clear"><button type="button" id="clear">Show no operation</button></p>${operationsList(listed, changelog.base)}</section>
</aside>
<section class="all" aria-labelledby="types"><h2 id="types">Types</h2>${typesList(map)}</section>
</main>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`;
  return page.markup;
};

/** Of many, those that changed; the others are folded away. */
const subgraphLinks = ({ subgraphs }: GraphMap, isLarge: boolean): Markup => {
  const links = subgraphs.map(({ id, name, status }, index) => ({
    status,
    link: html`<li class="tint" style="--h:${hueOf(index)}"><a href="#${id}"><i class="dot"></i>${name}${status === "same" ? null : html` <b class="told ${status}">${SIGNS[status]}</b>`}</a></li>`,
  }));
  if (!isLarge) return html`<ul>${links.map(({ link }) => link)}</ul>`;
  const changed = links.filter(({ status }) => status !== "same");
  return html`${changed.length === 0 ? null : html`<ul>${changed.map(({ link }) => link)}</ul>`}<details><summary>all ${links.length} subgraphs</summary><ul>${links.map(({ link }) => link)}</ul></details>`;
};

const counts = (changelog: Changelog): Markup => {
  const { breaking, dangerous, safe } = changelog.counts;
  if (countsOf(changelog) === null) return html`<b class="kind none">no change that concerns anybody</b>`;
  return html`${breaking > 0 ? html`<b class="kind breaking">${breaking} breaking</b> ` : null}${dangerous > 0 ? html`<b class="kind dangerous">${dangerous} dangerous</b> ` : null}${safe > 0 ? html`<b class="kind safe">${safe} safe</b>` : null}`;
};

const legend = (): Markup => html`<ul class="legend" aria-label="Legend">
<li><i class="swatch home"></i>entity, where it is at home</li>
<li><i class="swatch extension"></i>what a subgraph adds to another’s entity, in that one’s colour</li>
<li><b class="told added">+</b> new</li><li><b class="told removed">−</b> gone</li><li><b class="told changed">~</b> changed</li>
<li><i class="number">1</i> step of the operation</li>
</ul>`;
