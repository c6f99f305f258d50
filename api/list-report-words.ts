import type { FreshnessState } from '../domain/list-freshness.ts';
import { escapeHtml } from './html.ts';
import type { ReportedList } from './list-report-bodies.ts';

export const STATE_WORDS: Record<FreshnessState, string> = {
  fresh: 'fresh', stale_soon: 'stale soon', stale: 'stale', missing: 'missing', unbound: 'no rule',
};

const FOR_WHOM = { everyone: 'everyone', companies: 'numbers of companies', subscribers: 'companies that subscribe to it' } as const;

/** `2026-11-24 18:00 UTC` */
export function minute(instant: string): string {
  return `<time datetime="${instant}">${instant.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

/** `3 h`, `12 days`: in the unit in which one says it. */
export function ageInWords(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

export function countInWords(count: number | null): string {
  return count === null ? '–' : count.toLocaleString('en-US');
}

export function changeInWords(change: ReportedList['lastChange']): string {
  if (!change) return '–';
  const { added, removed, hit, freed } = change;
  return `+${countInWords(added)} / −${countInWords(removed)}, ${countInWords(hit)} leads hit, ${countInWords(freed)} freed`;
}

/** `4.2 %`; what is more than nothing is never shown as nothing. */
export function rateInWords(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = (100 * part) / whole;
  return part > 0 && share < 0.1 ? '&lt; 0.1 %' : `${share.toFixed(1)} %`;
}

/** A rule of freshness as a sentence, in HTML. */
export function ruleInWords({ jurisdiction, maxAge, requiredFor, binding, staleAt, source, confidence }: ReportedList['freshness']['rules'][number]): string {
  const days = maxAge.replace(/^P(\d+)D$/, '$1 days');
  const until = staleAt === null ? '' : `: until ${minute(staleAt)}`;
  const off = binding ? '' : ' Not required here.';
  const checked = confidence === 'unconfirmed' ? ' <em>unconfirmed</em>' : '';
  return `<strong>${escapeHtml(jurisdiction)}</strong>: at most ${days} old, for ${FOR_WHOM[requiredFor]}${until}.${off} <span class="quiet">${escapeHtml(source)}</span>${checked}`;
}
