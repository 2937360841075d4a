import { chartColours, fontStack, lightColours } from '../render/colours.ts';

const ground = (light: string, dark: string): string =>
  `:root{--ground:${light}}@media (prefers-color-scheme:dark){:root{--ground:${dark}}}`;

/** Style of every page: light and dark, narrow screens and print. */
export const pageStyle = `${chartColours(':root')}
${ground('#f5f7f9', '#11161c')}
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
html { scrollbar-gutter: stable; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 ${fontStack}; }
a { color: var(--accent); text-decoration: none; }
a:hover, p a { text-decoration: underline; text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
h1, h2, h3, p { margin: 0; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; line-height: 1.35; }
h3 { font-size: .95rem; }
code, pre { font: .875em/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
pre { margin: .5rem 0; padding: .6rem .8rem; overflow-x: auto; background: var(--ground); border: 1px solid var(--line); border-radius: 6px; }
.soft { color: var(--soft); }
.small { font-size: .85rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 2; padding: .4rem .8rem; background: var(--paper); }
.skip:focus { top: .5rem; }

.top { background: var(--paper); border-bottom: 1px solid var(--line); }
.top > div, main, .bottom { max-width: 1240px; margin: 0 auto; padding: 0 1.25rem; }
.top > div { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.5rem; min-height: 3.2rem; }
.brand { display: flex; align-items: center; gap: .4rem; font-weight: 700; color: var(--ink); }
.brand:hover { text-decoration: none; }
.top nav { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
.top nav a { padding: .8rem 0; color: var(--soft); border-bottom: 2px solid transparent; }
.top nav a:hover { color: var(--ink); text-decoration: none; }
.top nav a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--accent); }
.top .account { margin-left: auto; color: var(--soft); font-size: .85rem; }
main { padding-top: 1.5rem; padding-bottom: 2.5rem; }
.bottom { padding-bottom: 2rem; color: var(--soft); font-size: .85rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.print-head { display: none; }

.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-bottom: .9rem; }
.head .actions { margin-left: auto; display: flex; flex-wrap: wrap; gap: .5rem; }
.crumbs { margin-bottom: .25rem; font-size: .85rem; color: var(--soft); }
.state { margin: 0 0 1rem; color: var(--soft); font-size: .875rem; display: flex; flex-wrap: wrap; gap: .1rem 1rem; }
.state strong { font-weight: 600; color: var(--ink); }

button, .button, input, select { font: inherit; color: inherit; }
input, select { min-height: 2.25rem; padding: .25rem .5rem; background: var(--paper); border: 1px solid var(--soft); border-radius: 6px; max-width: 100%; }
button, .button { display: inline-flex; align-items: center; min-height: 2.25rem; padding: .25rem .8rem; background: var(--paper); border: 1px solid var(--soft); border-radius: 6px; cursor: pointer; color: var(--ink); }
button:hover, .button:hover { border-color: var(--ink); text-decoration: none; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--paper); }
button[disabled] { opacity: .55; cursor: default; }
label { display: block; font-size: .8rem; color: var(--soft); }
label > input, label > select { display: block; margin-top: .15rem; font-size: .9rem; color: var(--ink); }
.pickers { margin-bottom: 1rem; padding: .9rem 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.pickers form { display: flex; flex-wrap: wrap; align-items: end; gap: .7rem .8rem; }
.pickers > summary { cursor: pointer; }
.pickers[open] > summary { margin-bottom: .7rem; }
.presets { display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin-top: .7rem; font-size: .875rem; }
.pickers select { max-width: 15rem; }
.pickers input[type=date] { width: 9.5rem; }
.presets a[aria-current] { color: var(--ink); font-weight: 600; }

.card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.1rem; }
.card + .card { margin-top: 1rem; }
.note { margin: .6rem 0 0; padding: .1rem 0 .1rem .7rem; border-left: 3px solid var(--line); color: var(--soft); font-size: .85rem; list-style: none; }
.note li { padding: .1rem 0; overflow-wrap: anywhere; }
.notes { margin-top: .3rem; font-size: .75rem; color: var(--soft); }
.notes .note { font-size: inherit; }
.acknowledge { min-height: 1.75rem; padding: .1rem .6rem; font-size: .8rem; }
td form { margin: 0; }
.warning { border-color: var(--warn); }
.error { border-color: var(--bad); color: var(--ink); }
.error strong { color: var(--bad); }
.message { padding: .7rem 1rem; margin-bottom: 1rem; border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: 6px; background: var(--paper); }
.message.error { border-left-color: var(--bad); }

.tiles { display: grid; grid-template-columns: repeat(60, minmax(0, 1fr)); gap: 1rem 0; margin: 0 -.5rem; }
.tile { grid-column: span 30; display: flex; flex-direction: column; margin: 0 .5rem; min-width: 0; padding: .9rem 1.1rem .75rem; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.tile.wide { grid-column: 1 / -1; }
.tile.third { grid-column: span 20; }
.tile.figure { grid-column: span 10; padding: .75rem .9rem .6rem; }
.figures-4 .tile.figure, .figures-8 .tile.figure { grid-column: span 15; }
.figures-3 .tile.figure { grid-column: span 20; }
.figures-5 .tile.figure { grid-column: span 12; }
.tile .what { margin: .1rem 0 .7rem; color: var(--soft); font-size: .85rem; }
.tile.figure .what { margin-bottom: .35rem; font-size: .8rem; }
.tile.figure h2 { font-size: .9rem; font-weight: 500; color: var(--soft); }
.tile .content { flex: 1; min-width: 0; }
.tile h2 + .content, .tile h2 + .hidden + .content { margin-top: .5rem; }
.tile.figure h2 + .content, .tile.figure h2 + .hidden + .content { margin-top: 0; }
.tile svg { display: block; max-width: 100%; height: auto; }
.tile .narrow { display: none; }
.picture { position: relative; }
.picture.linked svg g[text-anchor=end] { fill: var(--accent); }
.picture .label { position: absolute; left: 0; overflow: hidden; color: transparent; border-radius: 3px; }
.picture .label:hover { background: color-mix(in srgb, var(--accent) 12%, transparent); }
.value { font-size: 1.55rem; font-weight: 650; line-height: 1.2; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.value .unit { font-size: .9rem; font-weight: 500; letter-spacing: 0; color: var(--soft); }
.value.bad { color: var(--bad); }
.value.warn { color: var(--warn); }
.value.unknown { color: var(--soft); font-weight: 400; font-size: 1.2rem; }
.delta, .more { font-size: .8rem; }
.more { color: var(--soft); }
.delta.up .change { color: var(--part3); }
.delta.down .change { color: var(--bad); }
.tile svg.spark { width: 100%; height: 36px; margin-top: .5rem; }
.nothing { padding: .9rem; border: 1px dashed var(--soft); border-radius: 6px; color: var(--soft); font-size: .875rem; }
.tile[aria-busy=true] .content { opacity: .45; }
.tile .pending { display: flex; align-items: center; justify-content: center; height: 100%; min-height: 3rem; color: var(--soft); font-size: .85rem; }
.tile footer { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .8rem; margin-top: .6rem; font-size: .8rem; }
.tile footer a, .tile footer button { color: var(--soft); }
.tile footer button { min-height: 0; padding: 0; border: 0; background: none; }
.tile footer a:hover, .tile footer button:hover { color: var(--accent); text-decoration: underline; }
.tile.figure footer { gap: .1rem .6rem; font-size: .75rem; }
.tile summary { cursor: pointer; }
.tile > details > summary { font-size: .8rem; color: var(--soft); }
.tile details[open] { width: 100%; }
.toast { position: fixed; left: 50%; bottom: 1.5rem; z-index: 4; transform: translateX(-50%); padding: .5rem 1rem; border-radius: 6px; background: var(--ink); color: var(--paper); font-size: .875rem; }
.table-box { margin-top: .6rem; max-height: 26rem; overflow: auto; }
.labels { display: flex; flex-wrap: wrap; gap: .1rem .8rem; margin: .5rem 0 0; padding: 0; list-style: none; font-size: .85rem; }

.record { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 0; font-size: .85rem; }
.record dt { color: var(--soft); }
.record dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline-offset: -2px; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; min-width: 100%; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { padding: .35rem .7rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
th { vertical-align: bottom; font-weight: 600; line-height: 1.3; }
td.long { min-width: 11rem; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; }
td.n, td.t { white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
td.action { position: sticky; right: 0; padding-left: .7rem; background: var(--paper); text-align: right; }
.more { display: flex; flex-wrap: wrap; gap: 0 .7em; }
tfoot td { font-weight: 600; border-top: 2px solid var(--soft); border-bottom: 0; }
.badge { white-space: nowrap; }
.badge::before { content: '●'; margin-right: .35em; color: var(--soft); }
.badge.bad::before { color: var(--bad); content: '▲'; }
.badge.warn::before { color: var(--warn); content: '◆'; }
.badge.good::before { color: var(--part3); }
.badge.unknown::before { content: '○'; }
.tip { position: absolute; z-index: 3; max-width: 22rem; padding: .25rem .55rem; border-radius: 5px; background: var(--ink); color: var(--paper); font-size: .8rem; pointer-events: none; overflow-wrap: anywhere; }
.focused { stroke: var(--ink); stroke-width: 2; }
.update { position: sticky; top: .5rem; z-index: 2; width: fit-content; margin: 0 auto 1rem; box-shadow: 0 2px 10px #0003; }

@media (min-width: 761px) { .pickers > summary { display: none; } }
@media (max-width: 1000px) {
  .tile.figure, .figures-5 .tile.figure { grid-column: span 20; }
  .tile.third { grid-column: span 30; }
  .figures-4 .tile.figure, .figures-8 .tile.figure { grid-column: span 30; }
}
@media (max-width: 760px) {
  .top > div, main, .bottom { padding-left: .9rem; padding-right: .9rem; }
  .tiles { gap: .75rem 0; margin: 0 -.375rem; }
  .tile { margin: 0 .375rem; }
  .tile, .tile.wide { grid-column: 1 / -1; padding-left: .9rem; padding-right: .9rem; }
  .tile.figure.figure { grid-column: span 30; }
  .tile .wide-picture { display: none; }
  .tile .narrow { display: block; }
  .head .actions { margin-left: 0; }
  td.action { position: static; }
}
@media (prefers-reduced-motion: no-preference) { .tile .content { transition: opacity .15s; } }
@media print {
  ${lightColours(':root')}
  :root { color-scheme: light; --ground: #fff; }
  @page { margin: 12mm; }
  body { font-size: 10pt; background: #fff; }
  .top, .pickers, .bottom, .tile footer, .toast, .update, .skip, .actions, .no-print, .message { display: none; }
  .print-head { display: block; margin-bottom: .5rem; color: var(--soft); font-size: 9pt; }
  main { max-width: none; padding: 0; }
  .tiles { gap: 4mm 0; }
  .tile, .tile.wide { break-inside: avoid; border-color: #ccc; }
  .tile .wide-picture { display: block; }
  .tile .narrow { display: none; }
  .tile { grid-column: span 30; }
  .scroll { overflow: visible; }
  a { color: inherit; }
}
`;
