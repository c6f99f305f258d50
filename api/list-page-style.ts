/** Colours that can be told apart in light and dark, also by those who see red and green alike. */
export const LIST_PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5b6675; --paper: #fff; --line: #d7dde6; --head: #f1f4f8; --size: #1d5fa8; --hit: #b3470b;
  --freed: #23786a; --good: #1b6e3c; --warn: #8a4b00; --bad: #a3161f; --note: #fff7e8 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --quiet: #a3adbb; --paper: #14181e; --line: #333c48; --head: #1e252e; --size: #74b3f5; --hit: #f2924e;
  --freed: #58c4b1; --good: #6fd196; --warn: #f0b45a; --bad: #ff8c8c; --note: #2a2417 } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 68rem; margin: 2rem auto; padding: 0 1.5rem }
h1 { margin-bottom: .25rem } .lead { font-size: 1.1rem; margin-top: 0 }
h2 { margin: 3rem 0 .5rem; border-bottom: 2px solid var(--line); padding-bottom: .25rem } h2 small { font-weight: 400; color: var(--quiet); font-size: .65em }
a { color: var(--size) } code { font-size: .88em; overflow-wrap: anywhere } .quiet, .root { color: var(--quiet); font-size: .92rem } ul { padding-left: 1.2rem }
figure { margin: 1.25rem 0 } .wide { overflow-x: auto; margin: 1rem 0 } details { margin: -.5rem 0 1rem } summary { cursor: pointer; color: var(--size) }
table { border-collapse: collapse; width: 100%; font-size: .92rem } caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; white-space: nowrap } th { background: var(--head) } tr + tr td { border-top: 1px solid var(--line) }
.number { text-align: right; font-variant-numeric: tabular-nums }
mark { background: none; border: 1px solid currentColor; border-radius: .25rem; font-size: .8rem; font-weight: 600; padding: .05rem .4rem; color: var(--quiet); white-space: nowrap }
mark.fresh { color: var(--good) } mark.stale_soon { color: var(--warn) } mark.stale, mark.missing { color: var(--bad) } h2 mark { vertical-align: middle }
.note { background: var(--note); border-left: 4px solid var(--warn); padding: .5rem 1rem; margin: .5rem 0 }
svg { max-width: 100%; height: auto; display: block } figure svg { min-width: 38rem } svg text { font: 12px system-ui, sans-serif; fill: var(--quiet) } svg .caption { font-weight: 600; fill: var(--ink) }
.grid { stroke: var(--line); fill: none } .axis { stroke: var(--quiet); fill: none } .line { stroke: var(--size); stroke-width: 2; fill: none }
.area { fill: var(--size); opacity: .12 } .dot { fill: var(--size); stroke: var(--paper) } .hit { fill: var(--hit) } .freed { fill: var(--freed) } .track { fill: var(--line) }
path.now { stroke: var(--quiet); stroke-dasharray: 2 3; fill: none } path.stale { stroke: var(--bad); stroke-dasharray: 5 3; fill: none } svg text.stale { fill: var(--bad) }
.meter { display: inline-block; vertical-align: middle; margin-left: .4rem }
@media print { body { font-size: 11px; margin: 0; max-width: none } section { break-inside: avoid-page } h2 { break-after: avoid } }
`;
