/** How a person's own pages look: quiet, large enough, on a phone and on paper too, and dark where the reader wants it dark. */
export const STYLE = `
  :root { color-scheme: light dark; --ground: #f6f5f2; --card: #fff; --ink: #1d2530; --soft: #545f6d; --line: #dcdfe4; --accent: #17527a;
    --on-accent: #fff; --good: #1c6b43; --good-ground: #eaf5ee; --bad: #a3261d; --bad-ground: #fdf0ee }
  @media (prefers-color-scheme: dark) { :root { --ground: #14181d; --card: #1c222a; --ink: #e9edf2; --soft: #a9b4c1; --line: #36404c;
    --accent: #8cc3ea; --on-accent: #10212e; --good: #8ad3a9; --good-ground: #16291f; --bad: #f5a79f; --bad-ground: #331b19 } }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--ground); color: var(--ink); font: 1.0625rem/1.6 system-ui, "Segoe UI", "Noto Sans", "PingFang SC", "Noto Sans SC", sans-serif;
    overflow-wrap: break-word; -webkit-text-size-adjust: 100% }
  header, main, footer { max-width: 44rem; margin: 0 auto; padding: 0 1.25rem }
  header { padding-top: 2rem; color: var(--soft); font-weight: 600; letter-spacing: .01em } header p { margin: 0 }
  footer { padding-top: 1.5rem; padding-bottom: 3rem; color: var(--soft); font-size: .9375rem }
  h1 { margin: .25rem 0 .75rem; font-size: clamp(1.625rem, 5vw, 2.125rem); line-height: 1.2; font-weight: 650; letter-spacing: -.015em; text-wrap: balance }
  h2 { margin: 0 0 .75rem; font-size: 1.1875rem; line-height: 1.35; font-weight: 650 }
  p { margin: 0 0 1rem } .lead { font-size: 1.125rem; color: var(--soft); max-width: 38rem }
  section, .card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem 1.375rem; margin: 1.25rem 0 }
  section > :last-child, .card > :last-child { margin-bottom: 0 }
  dl { margin: 0 } dl > div { display: grid; grid-template-columns: 10.5rem 1fr; gap: .125rem 1rem; padding: .5rem 0 } dl > div + div { border-top: 1px solid var(--line) }
  dt { color: var(--soft) } dd { margin: 0; font-variant-numeric: tabular-nums } dd ul { margin: 0; padding: 0; list-style: none }
  .choices { list-style: none; margin: 0; padding: 0 } .choices li { display: flex; align-items: center; justify-content: space-between; gap: .75rem 1.25rem; padding: .875rem 0 }
  .choices li + li { border-top: 1px solid var(--line) } .choices p { margin: 0 } .choices strong { font-weight: 600 } .state { color: var(--soft); font-size: .9375rem }
  .state::before { content: ""; display: inline-block; width: .55rem; height: .55rem; margin-right: .5rem; border-radius: 50%; border: 1.5px solid currentColor }
  .granted { color: var(--good) } .granted::before { background: currentColor }
  blockquote { margin: 0 0 1rem; padding: .125rem 0 .125rem 1rem; border-left: 3px solid var(--accent); white-space: pre-line } blockquote p { margin: 0 0 .75rem } blockquote p:last-child { margin: 0 }
  button, .button { font: inherit; font-weight: 600; line-height: 1.3; padding: .7rem 1.25rem; min-height: 2.875rem; border-radius: .5rem; border: 1.5px solid var(--accent); cursor: pointer }
  button { background: var(--accent); color: var(--on-accent) } button:hover { filter: brightness(1.1) }
  .quiet { background: transparent; color: var(--accent) } .quiet:hover { background: color-mix(in srgb, var(--accent) 10%, transparent) } .choices button { white-space: nowrap; padding: .5rem 1rem }
  .stop { background: transparent; border-color: var(--bad); color: var(--bad) } .stop:hover { background: var(--bad-ground) }
  a { color: var(--accent); text-underline-offset: .18em } :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: .25rem }
  fieldset { border: 0; margin: 0 0 1.25rem; padding: 0 } legend, .label { font-weight: 600; padding: 0; margin: 0 0 .375rem; display: block }
  .radio { display: flex; gap: .75rem; align-items: flex-start; padding: .375rem 0; cursor: pointer } input[type=radio] { width: 1.25rem; height: 1.25rem; margin: .2rem 0 0; flex: none; accent-color: var(--accent) }
  textarea { display: block; width: 100%; min-height: 7rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .5rem; padding: .625rem .75rem; margin-bottom: 1.25rem }
  .facts { margin: 0; padding: 0; list-style: none } .facts li { padding: .5rem 0 } .facts li + li { border-top: 1px solid var(--line) } .facts blockquote { margin: .5rem 0 0 } .state-words { color: var(--soft); font-size: .9375rem }
  .code { display: block; font: inherit; font-size: 1.5rem; letter-spacing: .2em; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .5rem; padding: .5rem .75rem; margin-bottom: 1.25rem; width: 100%; max-width: 16rem }
  form + form { margin-top: 1.25rem }
  .buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 1rem; padding: 0; list-style: none } a.button { display: inline-block; text-decoration: none; background: var(--accent); color: var(--on-accent) } a.button.quiet { background: transparent; color: var(--accent) }
  .hint { color: var(--soft); font-size: .9375rem; margin: 0 0 .5rem }
  .said, .trouble { border-radius: .75rem; padding: .875rem 1.25rem; margin: 1.25rem 0; border: 1px solid; font-weight: 600 } .said { color: var(--good); background: var(--good-ground) }
  .trouble { color: var(--bad); background: var(--bad-ground) } .trouble h2 { font-size: 1.0625rem; margin: 0 0 .25rem } .trouble p { margin: 0 } .trouble a { color: inherit }
  .wrong { color: var(--bad); font-weight: 600; margin: 0 0 .5rem }
  .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
  @media (max-width: 32rem) { dl > div { grid-template-columns: 1fr } .choices li { flex-direction: column; align-items: stretch } .choices button, .ask button, .stop { width: 100% } header { padding-top: 1.25rem } }
  @media print { body { background: none } form, footer { display: none } section { break-inside: auto; border: 0; padding: 0 } li { break-inside: avoid } }
`;
