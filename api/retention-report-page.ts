import { escapeHtml } from './html.ts';
import { LIST_PAGE_STYLE } from './list-page-style.ts';
import { retentionChart } from './retention-chart.ts';
import type { RetentionReport, Stretch } from './retention-report-bodies.ts';

/** Style of the page: that of the report on lists, and the colours of its own bars. */
export const RETENTION_PAGE_STYLE = `${LIST_PAGE_STYLE}
.archived { fill: var(--size) } .destroyed { fill: var(--hit) } .kept { fill: var(--hit); opacity: .4 }
`;

const RULES: Record<string, string> = {
  'retention.archiveAfter': 'nothing happened for so long',
  'retention.suppressedLead': 'suppressed',
  closure: 'its source or campaign was closed',
  'retention.unusedLead': 'not used',
  'retention.contactedLead': 'contacted, long ago',
  evidence_retention: 'evidence kept by law',
  erasure: 'asked to be forgotten',
  retrieval: 'the retrieval ends',
};

/** The horizon as a page to read and to print. */
export function retentionPage(report: RetentionReport): string {
  const chart = retentionChart(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Retention horizon</title>
<style>${RETENTION_PAGE_STYLE}</style>
</head>
<body>
<h1>Retention horizon</h1>
<p class="lead">As of ${escapeHtml(report.at.slice(0, 16).replace('T', ' '))} UTC. ${headline(report)}</p>
${chart === '' ? '' : `<figure class="wide">${chart}</figure>`}
${table(report)}
<p class="quiet">Counted by the due dates that the last review of each lead put down, at most thirty days ago. What happens until then moves them.</p>
</body>
</html>
`;
}

function headline({ overdue, months }: RetentionReport): string {
  const sum = (pick: (stretch: Stretch) => number) => months.reduce((total, month) => total + pick(month), 0);
  const archived = sum(({ archive }) => archive.leads);
  const destroyed = sum(({ dispose }) => dispose.leads);
  const kept = sum(({ held }) => held.leads);
  const late = overdue.archive.leads + overdue.dispose.leads;
  return [
    archived + destroyed + kept === 0 ? 'Nothing falls due in the time shown.'
      : `In the ${months.length} months shown ${count(archived)} leads are archived and ${count(destroyed)} destroyed, if nothing happens to them.`,
    ...(kept > 0 ? [`${count(kept)} more would be destroyed, but are held by an order.`] : []),
    ...(late > 0 ? [`<strong>${count(late)} were due before this month and have not been seen to.</strong>`] : []),
  ].join(' ');
}

/** Columns of the table that are counts. */
const NUMBERS = new Set(['Archived', 'Destroyed', 'Held']);

function table({ overdue, months, later }: RetentionReport): string {
  const shown: [string, Stretch][] = [['overdue', overdue], ...months.map((each): [string, Stretch] => [each.month, each]), ['later', later]];
  const rows = shown.filter(([, { archive, dispose, held }]) => archive.leads + dispose.leads + held.leads > 0).map(row);
  if (rows.length === 0) return '';
  const head = ['Month', 'Archived', 'Why', 'Destroyed', 'Why', 'Held'].map((name) => {
    return `<th scope="col"${NUMBERS.has(name) ? ' class="number"' : ''}>${name}</th>`;
  }).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function row([name, { archive, dispose, held }]: [string, Stretch]): string {
  const cells = [cell(archive.leads), `<td>${why(archive)}</td>`, cell(dispose.leads), `<td>${why(dispose)}</td>`, cell(held.leads)];
  return `<tr><td>${name}</td>${cells.join('')}</tr>`;
}

function cell(leads: number): string {
  return `<td class="number">${leads === 0 ? '–' : count(leads)}</td>`;
}

function why({ why: reasons }: Stretch['archive']): string {
  return reasons.map(({ rule, jurisdiction, leads }) => {
    const words = `${RULES[rule] ?? rule}${jurisdiction === null ? '' : ` (${jurisdiction})`}`;
    return `${escapeHtml(words)}: ${count(leads)}`;
  }).join('<br>');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
