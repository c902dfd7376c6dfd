/** Of the page. Colours of subgraphs are made of their hue, so that they differ alike in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b2230; --soft: #566072; --paper: #f3f4f7; --sheet: #fff; --line: #d3d8e1;
  --added: #12702f; --removed: #b3261e; --changed: #855300; --accent: #5128d6; --on-accent: #fff;
  --added-wash: #e3f4e7; --removed-wash: #fbe7e5; --changed-wash: #fcf0d6;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; --sans: system-ui, -apple-system, "Segoe UI", sans-serif; }
.tint { --edge: oklch(0.6 0.14 var(--h)); --wash: oklch(0.975 0.012 var(--h)); --head: oklch(0.915 0.045 var(--h)); --card: oklch(0.955 0.03 var(--h)); }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #a3acbc; --paper: #12151b; --sheet: #1a1e26; --line: #343b48;
    --added: #6fd08a; --removed: #ff8f85; --changed: #eab54d; --accent: #b8a6ff; --on-accent: #17112e;
    --added-wash: #16301f; --removed-wash: #3a1b1a; --changed-wash: #362a12; }
  .tint { --edge: oklch(0.72 0.13 var(--h)); --wash: oklch(0.215 0.018 var(--h)); --head: oklch(0.335 0.055 var(--h)); --card: oklch(0.285 0.035 var(--h)); }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 var(--sans); }
a { color: inherit; text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: .5rem; background: var(--sheet); padding: .4rem .8rem; z-index: 3; }
html:not(.scripting) .scripted { display: none; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; padding: .9rem 1.25rem .6rem; }
h1 { font-size: 1.25rem; margin: 0; letter-spacing: -.01em; } h1 small { font-weight: 400; color: var(--soft); font-size: 1rem; }
h2 { font-size: 1rem; margin: 0 0 .6rem; } h3 { font-size: .95rem; margin: 0; } h4 { font: 600 .87rem var(--mono); margin: 0; } h4 small { font-family: var(--sans); }
small { color: var(--soft); font-weight: 400; font-size: .82rem; }
.counts { margin: 0 auto 0 0; display: flex; gap: .4rem; flex-wrap: wrap; }
.kind { font-size: .76rem; font-weight: 650; padding: .1rem .5rem; border-radius: 1rem; background: var(--sheet); border: 1px solid currentcolor; white-space: nowrap; }
.kind.breaking, .breaking > .kind { color: var(--removed); background: var(--removed-wash); }
.kind.dangerous, .dangerous > .kind { color: var(--changed); background: var(--changed-wash); }
.kind.safe, .safe > .kind { color: var(--added); background: var(--added-wash); }
form label { color: var(--soft); } input[type=search] { font: inherit; width: 19rem; max-width: 60vw; padding: .3rem .6rem; border: 1px solid var(--soft); border-radius: 6px; background: var(--sheet); color: var(--ink); }
input::placeholder { color: var(--soft); opacity: 1; }
output { color: var(--soft); font-size: .82rem; } .only { color: var(--soft); } input[type=checkbox] { accent-color: var(--accent); }
button { font: inherit; font-size: .85rem; min-width: 2rem; padding: .25rem .6rem; border: 1px solid var(--soft); background: var(--sheet); color: var(--ink); border-radius: 6px; cursor: pointer; } button:hover { border-color: var(--accent); }
.zoom { display: inline-flex; gap: .25rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem; margin: 0; padding: 0 1.25rem .8rem; max-height: 8.6rem; overflow: auto; }
nav summary { padding: 0 1.25rem .5rem; color: var(--soft); font-size: .85rem; } nav details ul { max-height: 40vh; }
nav a { display: inline-flex; align-items: center; gap: .4rem; padding: .12rem .65rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--sheet); text-decoration: none; font-size: .85rem; } nav a:hover { border-color: var(--edge); }
.dot { display: inline-block; width: .65rem; height: .65rem; border-radius: 50%; background: var(--edge); }
.told { font-family: var(--mono); font-weight: 700; } .told.added { color: var(--added); } .told.removed { color: var(--removed); } .told.changed { color: var(--changed); }
main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(19rem, 24rem); grid-template-rows: auto 1fr; gap: 0 1rem; padding: 0 1.25rem 2rem; align-items: start; }
.drawing { min-width: 0; } .scroll { overflow: auto; border: 1px solid var(--line); border-radius: 12px; background: var(--sheet); max-height: calc(100vh - 9.5rem); min-height: 20rem; }
.scroll.large { max-height: calc(100vh - 12rem); }
.map { display: block; margin: 0 auto; } .map:not(.large) { max-width: 100%; min-width: var(--least); height: auto; } .map.sized { max-width: none; min-width: 0; height: auto; }
aside { grid-row: 1 / span 2; grid-column: 2; display: grid; gap: 1rem; max-height: calc(100vh - 6.5rem); overflow: auto; position: sticky; top: 1rem; padding: 2px; }
aside > section, .all > details { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1rem; }
.all { min-width: 0; margin-top: 1.5rem; display: grid; gap: .5rem; }
.all summary { cursor: pointer; } .all summary h3 { display: inline-flex; align-items: center; gap: .45rem; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; padding: 0; margin: .5rem .25rem 0; color: var(--soft); font-size: .82rem; }
.swatch { display: inline-block; width: 1.1rem; height: .75rem; border-radius: 3px; margin-right: .4rem; vertical-align: -1px; border: 1px solid var(--soft); } .swatch.extension { border-style: dashed; } .swatch.home { background: var(--line); }
.number { display: inline-grid; place-items: center; width: 1.15rem; height: 1.15rem; border-radius: 50%; background: var(--accent); color: var(--on-accent); font: 700 .72rem var(--sans); }
.nothing { color: var(--soft); margin: 0; }
.changes + .changes { margin-top: 1rem; } .changes h3 { display: flex; align-items: center; gap: .45rem; } .changes p { margin: .3rem 0; }
.changes ul, .operations, .types, .fields { list-style: none; padding: 0; margin: 0; }
.change { padding: .5rem 0 .5rem .75rem; border-left: 3px solid var(--line); margin-top: .45rem; overflow-wrap: anywhere; }
.change.breaking { border-color: var(--removed); } .change.dangerous { border-color: var(--changed); } .change.safe { border-color: var(--added); }
.change .to { margin-left: .2rem; } code { font: .85em var(--mono); } .change details, .operation { font-size: .9rem; } .change details { color: var(--soft); } summary { cursor: pointer; }
.change details p { margin: .25rem 0; }
.operations > li + li { border-top: 1px solid var(--line); } .operation { padding: .4rem 0; } .operation .id { font-weight: 600; overflow-wrap: anywhere; } .operation ol { padding-left: 1.6rem; margin: .3rem 0; } .operation ol > li { margin-bottom: .35rem; } .operation p { margin: .35rem 0; }
.operation ol > li::marker { font-weight: 700; color: var(--accent); }
.selection { display: block; color: var(--soft); overflow-wrap: anywhere; } .mistakes { color: var(--removed); padding-left: 1.1rem; margin: .2rem 0; } .mark { display: block; color: var(--removed); } .savings { padding-left: 1.1rem; margin: .2rem 0; }
.clear { margin: 0 0 .4rem; } html:not(.showing) .clear { display: none; }
.difference { overflow: auto; font: .78rem/1.45 var(--mono); border: 1px solid var(--line); border-radius: 6px; padding: .5rem; margin: .3rem 0; } .difference .added { color: var(--added); } .difference .removed { color: var(--removed); }
.types { columns: 22rem; column-gap: 2rem; margin-top: .6rem; } .types > li { break-inside: avoid; padding: .35rem .5rem; border-radius: 6px; } .types > li:target { outline: 2px solid var(--accent); }
.fields { color: var(--soft); font-size: .88rem; overflow-wrap: anywhere; } .fields .added { color: var(--added); } .fields .removed { color: var(--removed); text-decoration: line-through; } .fields .changed { color: var(--changed); }
text { fill: var(--ink); font: 12px var(--mono); } text.subgraph { font: 650 15px var(--sans); } text.url { font: 11px var(--sans); fill: var(--soft); } text.note { font: 11.5px var(--sans); fill: var(--soft); } a.types text { font: 12px var(--sans); fill: var(--soft); text-decoration: underline; }
.sheet { fill: var(--wash); stroke: var(--edge); stroke-opacity: .45; } .head { fill: var(--head); }
.panel.added .sheet { stroke: var(--added); stroke-opacity: 1; stroke-width: 2; } .panel.removed .sheet { stroke: var(--removed); stroke-opacity: 1; stroke-width: 2; stroke-dasharray: 6 4; } .panel:target .sheet { stroke: var(--accent); stroke-opacity: 1; stroke-width: 3; }
.box { fill: var(--sheet); stroke: var(--line); } .stripe { fill: var(--edge); }
.card { text-decoration: none; cursor: pointer; } .card:hover .box { stroke: var(--ink); } .card:focus-visible { outline: none; } .card:focus-visible .box { stroke: var(--accent); stroke-width: 3; }
.card.home .box { fill: var(--card); stroke: var(--edge); } .card.extension .box { stroke: var(--edge); stroke-dasharray: 4 3; } .card.root .stripe { fill: var(--soft); }
.card.added .box { stroke: var(--added); stroke-width: 2.5; stroke-dasharray: none; } .card.removed .box { stroke: var(--removed); stroke-width: 2.5; stroke-dasharray: 6 4; } .card.changed .box { stroke: var(--changed); stroke-width: 2.5; stroke-dasharray: none; } .card.removed .name { text-decoration: line-through; }
.card:focus-visible .box { stroke: var(--accent); stroke-width: 3; }
text.name { font: 650 13px var(--mono); } text.key, text.more, .type { fill: var(--soft); } text.more { font: 11.5px var(--sans); }
text.spoken { opacity: 0; font-size: 1px; pointer-events: none; } text.told { font: 700 14px var(--mono); } text.told.added, text.field.added { fill: var(--added); } text.told.removed, text.field.removed { fill: var(--removed); } text.told.changed, text.field.changed { fill: var(--changed); } text.field.removed { text-decoration: line-through; }
.link { fill: none; stroke: var(--edge); stroke-width: 1.75; opacity: .75; } .link.added { stroke: var(--added); stroke-width: 2.5; } .link.removed { stroke: var(--removed); stroke-dasharray: 6 4; }
.large .link { opacity: .22; } .large .link.near, .link.near { opacity: 1; stroke-width: 3; }
.path { display: none; } .path:target, .path.chosen { display: inline; } .scripting .path:target:not(.chosen) { display: none; }
html:not(.scripting) .paths:has(.path:target) .path.chosen:not(:target) { display: none; }
.base { transition: opacity .15s; } .map:has(.path:target) .base, .map:has(.path.chosen) .base { opacity: .38; }
.scripting .map:not(:has(.path.chosen)) .base { opacity: 1; }
.leg { fill: none; stroke: var(--accent); stroke-width: 2.5; } .halo { fill: none; stroke: var(--sheet); stroke-width: 6; } .tip { fill: var(--accent); }
.stop circle { fill: var(--accent); stroke: var(--sheet); stroke-width: 2; } text.number-in { fill: var(--on-accent); font: 700 12px var(--sans); }
.map .off { opacity: .1; } .filtering aside > section:not(:has(li[data-text]:not([hidden])))::after { content: "nothing that fits the filter"; color: var(--soft); } [hidden] { display: none; }
body:has(#only:checked) :is(.card.same, .link.same, .types > li.same, .fields .same) { opacity: .12; } body:has(#only:checked) .types > li.same { display: none; }
@media (max-width: 1000px) { main { grid-template-columns: minmax(0, 1fr); } aside { position: static; max-height: none; margin-top: 1rem; grid-row: auto; grid-column: auto; } .scroll { max-height: 75vh; } }
@media (prefers-reduced-motion: reduce) { .base { transition: none; } }
@media print { .scroll, aside { max-height: none; overflow: visible; position: static; } header form, .zoom, .only { display: none; } }
`;
