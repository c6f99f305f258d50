import { DEFAULT_POLICY, POLICIES } from '../domain/policies/book.ts';
import type { Dated, RuleKind, RuleValues, Policy } from '../domain/policy.ts';
import { escapeHtml } from './html.ts';
import { valuesOf, wordsOf } from './law-words.ts';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; color: #1c2430; max-width: 72rem; margin: 2rem auto; padding: 0 1.5rem; }
  h1 { margin-bottom: .25rem } h2 { margin: 2.5rem 0 .5rem; border-bottom: 2px solid #d7dde6; padding-bottom: .25rem }
  nav ul { columns: 16rem; list-style: none; padding: 0; font-size: .92rem } nav small { color: #8a4b00; font-weight: 600 } a { color: #1d5fa8 }
  table { border-collapse: collapse; table-layout: fixed; width: 100%; font-size: .92rem; overflow-wrap: break-word } th, td { text-align: left; vertical-align: top; padding: .4rem .6rem }
  th { background: #f1f4f8 } tr + tr td { border-top: 1px solid #e3e8ef } th:nth-child(1) { width: 13% } th:nth-child(3) { width: 15% }
  th:nth-child(4) { width: 21% } th:nth-child(5) { width: 14% } time { white-space: nowrap }
  .ended { color: #69727f } .future { background: #f2f8ff } .unconfirmed { background: #fff7e8 }
  mark { background: none; border: 1px solid #b06a00; border-radius: .25rem; color: #8a4b00; font-weight: 600; padding: 0 .3rem }
  .note { background: #fff7e8; border-left: 4px solid #d9951f; padding: .6rem 1rem }
  @media (max-width: 44rem) { table, tbody, tr, td { display: block } thead { display: none } tr { padding: .4rem 0 }
    tr + tr { border-top: 1px solid #e3e8ef } tr + tr td { border: 0 } td { padding: .1rem .6rem } td:first-child { font-weight: 600 } }
  @media print { body { font-size: 11px; margin: 0 } nav { display: none } h2, thead { break-after: avoid } tr { break-inside: avoid } }`;

/** The law on file as a page to read and to print: one table for each jurisdiction, as of a day. */
export function lawPage(today: string): string {
  const pages = [...POLICIES.values(), DEFAULT_POLICY];
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
<p class="note">This is software, not legal advice. Values marked <mark>unconfirmed</mark> are enforced all the same and wait for counsel;
<em>primary</em> means read in the law itself, <em>secondary</em> in what others wrote about it. “Until” names the first day on which a value no longer holds.</p>
<nav aria-label="Jurisdictions"><ul>${pages.map(link).join('\n')}</ul></nav>
${pages.map((policy) => section(policy, today)).join('\n')}
</body>
</html>
`;
}

function link({ jurisdiction, name, values }: Policy): string {
  const waiting = Object.values(values).flat().filter(({ confidence }) => confidence === 'unconfirmed').length;
  return `<li><a href="#${anchor(jurisdiction)}">${escapeHtml(name)}</a>${waiting > 0 ? ` <small>${waiting} unconfirmed</small>` : ''}</li>`;
}

function section(policy: Policy, today: string): string {
  const rows = valuesOf(policy).map(([kind, each]) => row(kind, each, today));
  const { jurisdiction, name } = policy;
  return `<h2 id="${anchor(jurisdiction)}">${escapeHtml(name)} <small>${escapeHtml(jurisdiction)}</small></h2>
<table><thead><tr><th scope="col">Rule</th><th scope="col">What it says</th><th scope="col">In force</th><th scope="col">Source</th>
<th scope="col">Checked</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>${daysOff(policy, today)}`;
}

function row(kind: RuleKind, each: Dated<RuleValues[RuleKind]>, today: string): string {
  const { from, to, source, confidence, verifiedAt } = each;
  const state = to !== undefined && to <= today ? 'ended' : from > today ? 'future' : '';
  const period = `from ${day(from)}${to === undefined ? '' : ` until ${day(to)}`}`;
  const checked = confidence === 'unconfirmed' ? '<mark>unconfirmed</mark>' : confidence;
  const rule = kind.replaceAll('_', ' ').replace('optout', 'opt-out');
  const cells = [escapeHtml(rule), escapeHtml(wordsOf(kind, each)), period, escapeHtml(source), `${checked} ${day(verifiedAt)}`];
  return `<tr class="${state} ${confidence}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function daysOff({ holidays }: Policy, today: string): string {
  if (!holidays) return '';
  const [year, next] = [today.slice(0, 4), String(Number(today.slice(0, 4)) + 1)];
  const days = [...holidays.days].filter((date) => date.startsWith(year) || date.startsWith(next));
  return `<p>Public holidays of ${year} and ${next}: ${days.map(day).join(', ')}.<br>
On file for ${holidays.firstYear} to ${holidays.lastYear}. Source: ${escapeHtml(holidays.source)}.</p>`;
}

function day(date: string): string {
  return `<time>${date}</time>`;
}

function anchor(jurisdiction: string): string {
  return jurisdiction === '*' ? 'anywhere-else' : jurisdiction;
}
