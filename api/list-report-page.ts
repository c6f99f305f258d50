import { escapeHtml } from './html.ts';
import { listChart } from './list-chart.ts';
import type { ReportedList } from './list-report-bodies.ts';
import { LIST_PAGE_STYLE } from './list-page-style.ts';
import { ageInWords, changeInWords, countInWords, minute, rateInWords, ruleInWords, STATE_WORDS } from './list-report-words.ts';

const RELEASES_SHOWN = 8;
const SOURCES_SHOWN = 20;

/** The report on the lists as a page to read and to print: an overview, then each list with its chart and its tables. */
export function listPage(lists: readonly ReportedList[], now: Date): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Do-not-call lists</title>
<style>${LIST_PAGE_STYLE}</style>
</head>
<body>
<h1>Do-not-call lists</h1>
<p class="lead">As of ${minute(now.toISOString())}. ${headline(lists)}</p>
${lists.length === 0 ? '' : overview(lists)}
${lists.map((list) => section(list, now)).join('\n')}
</body>
</html>
`;
}

function headline(lists: readonly ReportedList[]): string {
  if (lists.length === 0) return 'No list is registered yet: <code>POST /v1/dnc/lists</code>.';
  const number = (...states: string[]) => lists.filter(({ freshness }) => states.includes(freshness.state)).length;
  const [bad, soon] = [number('stale', 'missing'), number('stale_soon')];
  const waiting = lists.reduce((sum, { waitingForApproval }) => sum + waitingForApproval.length, 0);
  const parts = [
    bad > 0 ? `<strong>${bad} of ${lists.length} hold up the calls that need them.</strong>` : `${lists.length === 1 ? 'The list is' : 'All lists are'} as fresh as the law asks.`,
    ...(soon > 0 ? [`${soon} ${soon === 1 ? 'goes' : 'go'} stale soon.`] : []),
    ...(waiting > 0 ? [`${waiting} ${waiting === 1 ? 'release waits' : 'releases wait'} for approval.`] : []),
  ];
  return parts.join(' ');
}

function overview(lists: readonly ReportedList[]): string {
  const rows = lists.map((each) => [
    `<a href="#${escapeHtml(each.list)}">${escapeHtml(each.list)}</a>`,
    badge(each),
    ageInWords(each.ageSeconds),
    each.freshness.staleAt === null ? '–' : minute(each.freshness.staleAt),
    countInWords(each.numbers),
    changeInWords(each.lastChange),
    each.hitRates === null ? '–' : `${countInWords(each.hitRates.listed)} (${rateInWords(each.hitRates.listed, each.hitRates.leads)})`,
  ]);
  return table(['List', 'State', 'Age', 'Fresh until', 'Numbers', 'Last change', 'Leads on it'], rows, [2, 4, 6]);
}

function section(list: ReportedList, now: Date): string {
  const { release, freshness } = list;
  const inForce = release === null ? 'No release has come into force yet.'
    : `Release <code>${release.releaseId}</code> as of ${minute(release.asOf)}, in force from ${release.inForceFrom === null ? '–' : minute(release.inForceFrom)}.
<br><span class="root">Root ${release.root === null ? '–' : `<code>${escapeHtml(release.root)}</code>`}</span>`;
  return `<section aria-labelledby="${escapeHtml(list.list)}">
<h2 id="${escapeHtml(list.list)}">${escapeHtml(list.name)} <small>${escapeHtml(list.list)} · ${escapeHtml(list.jurisdiction)}</small> ${badge(list)}</h2>
<p>${inForce}</p>
${list.waitingForApproval.map(waits).join('')}
<ul>${freshness.rules.length === 0 ? '<li>No rule says how old it may become.</li>' : freshness.rules.map((rule) => `<li>${ruleInWords(rule)}</li>`).join('')}</ul>
${list.warnings.map(({ event, at }) => `<p class="note">${event === 'list.stale' ? 'It is stale' : 'It goes stale soon'}: said ${minute(at)} (<code>${event}</code>).</p>`).join('')}
${list.growth.length === 0 ? '' : `<figure class="wide">${listChart(list, now)}</figure>`}
${releases(list)}
${sources(list)}
</section>`;
}

function waits({ releaseId, asOf, numbers, added, removed }: ReportedList['waitingForApproval'][number]): string {
  const change = `+${countInWords(added)} / −${countInWords(removed)}`;
  return `<p class="note"><strong>Waits for approval:</strong> release <code>${releaseId}</code> as of ${minute(asOf)} would leave ${countInWords(numbers)} numbers (${change}).</p>`;
}

function releases({ growth }: ReportedList): string {
  if (growth.length === 0) return '';
  const head = ['As of', 'Kind', 'In force from', 'Numbers', 'Added', 'Removed', 'Leads hit', 'Leads freed'];
  const rows = growth.toReversed().map(({ asOf, kind, inForceFrom, numbers, added, removed, hit, freed }) => [
    minute(asOf), kind, inForceFrom === null ? '–' : minute(inForceFrom), ...[numbers, added, removed, hit, freed].map(countInWords),
  ]);
  const latest = table(head, rows.slice(0, RELEASES_SHOWN), [3, 4, 5, 6, 7], 'The latest releases');
  const rest = rows.slice(RELEASES_SHOWN);
  return rest.length === 0 ? latest : `${latest}<details><summary>${rest.length} earlier</summary>${table(head, rest, [3, 4, 5, 6, 7])}</details>`;
}

function sources({ hitRates }: ReportedList): string {
  if (hitRates === null) return '<p class="quiet">The leads on it have not been counted yet; that is done every ten minutes where something changed.</p>';
  const rows = hitRates.sources.map(({ source, leads, listed }) => {
    return [escapeHtml(source), countInWords(leads), countInWords(listed), `${rateInWords(listed, leads)} ${meter(listed, leads)}`];
  });
  const head = ['Source', 'Leads', 'On the list', 'Share'];
  const rest = rows.length - SOURCES_SHOWN;
  const more = rest > 0 ? `<p class="quiet">${rest} more with a smaller share: <code>GET /v1/reports/lists</code></p>` : '';
  return table(head, rows.slice(0, SOURCES_SHOWN), [1, 2, 3], `Hit rate by source, counted ${minute(hitRates.countedAt)}`) + more;
}

/** A bar beside the number, for the eye only. */
function meter(listed: number, leads: number): string {
  const width = leads === 0 ? 0 : Math.round((60 * listed) / leads);
  return `<svg class="meter" viewBox="0 0 60 8" width="60" height="8" aria-hidden="true"><rect class="track" width="60" height="8" rx="2"/><rect class="hit" width="${width}" height="8" rx="2"/></svg>`;
}

function badge({ freshness: { state } }: ReportedList): string {
  return `<mark class="${state}">${STATE_WORDS[state]}</mark>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[], numeric: readonly number[], caption = ''): string {
  const kind = (column: number) => (numeric.includes(column) ? ' class="number"' : '');
  const cells = (row: readonly string[]) => row.map((cell, column) => `<td${kind(column)}>${cell}</td>`).join('');
  return `<div class="wide"><table>${caption === '' ? '' : `<caption>${caption}</caption>`}<thead><tr>${head.map((each, column) => `<th scope="col"${kind(column)}>${each}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}</tbody></table></div>`;
}
