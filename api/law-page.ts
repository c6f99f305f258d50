import { DEFAULT_POLICY, POLICIES } from '../domain/policies/book.ts';
import type { Dated, RuleKind, RuleValues, Policy } from '../domain/policy.ts';
import { valuesOf, wordsOf } from './law-words.ts';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; color: #1c2430; max-width: 72rem; margin: 2rem auto; padding: 0 1.5rem; }
  h1 { margin-bottom: .25rem } h2 { margin: 2.5rem 0 .5rem; border-bottom: 2px solid #d7dde6; padding-bottom: .25rem }
  nav a { margin-right: .75rem; white-space: nowrap } a { color: #1d5fa8 }
  table { border-collapse: collapse; width: 100%; font-size: .92rem } th, td { text-align: left; vertical-align: top; padding: .4rem .6rem }
  th { background: #f1f4f8 } tr + tr td { border-top: 1px solid #e3e8ef } td:nth-child(3) { white-space: nowrap }
  .ended { color: #767f8c } .future { background: #f2f8ff } .unconfirmed td:last-child { font-weight: 600; color: #8a4b00 }
  .note { background: #fff7e8; border-left: 4px solid #d9951f; padding: .6rem 1rem }
  @media print { nav { display: none } h2 { break-after: avoid } tr { break-inside: avoid } }`;

/** The law on file as a page to read and to print: one table for each jurisdiction, as of a day. */
export function lawPage(today: string): string {
  const pages = [...POLICIES.values(), DEFAULT_POLICY];
  const links = pages.map(({ jurisdiction }) => `<a href="#${anchor(jurisdiction)}">${escape(jurisdiction)}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The law on file</title>
<style>${STYLE}</style>
</head>
<body>
<h1>The law on file</h1>
<p>As of ${today}. Every clearance is decided by these values, and says which of them it applied.</p>
<p class="note">This is software, not legal advice. Values marked <strong>unconfirmed</strong> are enforced all the same and wait for counsel.</p>
<nav aria-label="Jurisdictions">${links.join(' ')}</nav>
${pages.map((policy) => section(policy, today)).join('\n')}
</body>
</html>
`;
}

function section(policy: Policy, today: string): string {
  const rows = valuesOf(policy).map(([kind, each]) => row(kind, each, today));
  const { jurisdiction, name, holidays } = policy;
  const source = holidays ? `<p>Public holidays ${holidays.firstYear} to ${holidays.lastYear}: ${escape(holidays.source)}.</p>` : '';
  return `<h2 id="${anchor(jurisdiction)}">${escape(name)} <small>${escape(jurisdiction)}</small></h2>
<table><thead><tr><th scope="col">Rule</th><th scope="col">What it says</th><th scope="col">In force</th><th scope="col">Source</th>
<th scope="col">Checked</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>${source}`;
}

function row(kind: RuleKind, each: Dated<RuleValues[RuleKind]>, today: string): string {
  const { from, to, source, confidence, verifiedAt } = each;
  const state = to !== undefined && to <= today ? 'ended' : from > today ? 'future' : '';
  const period = to === undefined ? `from ${from}` : `${from} until ${to}`;
  const cells = [kind.replaceAll('_', ' '), wordsOf(kind, each), period, source, `${confidence}, ${verifiedAt}`];
  return `<tr class="${state} ${confidence}">${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`;
}

function anchor(jurisdiction: string): string {
  return jurisdiction === '*' ? 'anywhere-else' : jurisdiction;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
