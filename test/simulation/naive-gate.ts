import type { GateFacts, ListState, Question } from '../../domain/clearance.ts';
import { laterOnTheWall, wallIn } from './clocks.ts';
import { ABANDONMENT, DEALINGS, LISTS, NO_WIRELESS, type ListRow } from './law-tables.ts';
import { consentFor, isFromRevokeAllOn, standingWithdrawal, zonesOf, type Need } from './naive-consent.ts';
import { outsideHours, stillQuiet, usedUp } from './naive-time.ts';

const DAY = 86_400_000;
const HOLDS = ['list_missing', 'list_stale', 'zone_unknown', 'jurisdiction_unknown', 'reassigned_unknown', 'opt_out_unclear'];
const USABLE_MONTHS: Record<string, number> = { event: 6 };

export interface NaiveAnswer {
  decision: 'allow' | 'deny' | 'hold';
  /** `code jurisdiction`, sorted. */
  reasons: string[];
}

/** The gate as one would write it in an afternoon: one look at every row of the tables, nothing clever. */
export function askNaively(question: Question, facts: GateFacts, at: Date): NaiveAnswer {
  const found = [
    ...aboutLead(question, facts, at), ...aboutWithdrawals(question, facts, at), ...aboutConsent(question, facts, at),
    ...LISTS.filter((row) => binds(row, question, facts)).flatMap((row) => aboutList(row, question, facts, at)),
    ...aboutDialing(question, facts, at),
    ...outsideHours(question, facts, at).map((jurisdiction) => `call_window ${jurisdiction}`),
    ...usedUp(question, facts, at).map((jurisdiction) => `attempt_cap ${jurisdiction}`),
    ...stillQuiet(question, facts, at).map((jurisdiction) => `cooldown ${jurisdiction}`),
  ];
  const reasons = [...new Set(found)].sort();
  const isHold = (reason: string) => HOLDS.includes(reason.split(' ')[0] ?? '');
  const denied = reasons.some((reason) => !isHold(reason));
  return { decision: denied ? 'deny' : reasons.length > 0 ? 'hold' : 'allow', reasons };
}

function aboutLead({ channel }: Question, facts: GateFacts, at: Date): string[] {
  const { lead, acquisitions, contacts, openClearance, reassigned } = facts;
  const found: string[] = lead ? [] : ['lead_unknown company'];
  const isGone = lead?.disposedAt && lead.disposedAt <= at;
  if (isGone) found.push('lead_disposed company');
  else if (lead?.archivedAt && lead.archivedAt <= at) found.push('lead_archived company');
  if (lead?.zones.length === 0 && channel !== 'email' && !isGone) found.push('zone_unknown company');
  if (openClearance && openClearance.until > at) found.push('open_clearance company');
  const known = acquisitions.filter(({ acquiredAt }) => acquiredAt <= at);
  if (known.every(({ suspendedAt }) => suspendedAt && suspendedAt <= at)) found.push('source_suspended company');
  if (isTooOld(known, contacts, lead?.zones ?? [], at)) found.push('acquisition_stale company');
  const isSomebodyElse = reassigned?.answer === 'yes' && reassigned.askedAt <= at
    && known.every(({ acquiredAt }) => acquiredAt <= reassigned.askedAt);
  if (isSomebodyElse && channel !== 'email') found.push('reassigned company');
  return found;
}

/** A lead is first contacted while the last of its acquisitions that is in use is young enough, or never. */
function isTooOld(known: GateFacts['acquisitions'], contacts: GateFacts['contacts'], zones: readonly string[], at: Date): boolean {
  const endsOf = (some: typeof known) => some.flatMap(({ acquiredAt, sourceKind }) => {
    const [months, days] = sourceKind === 'purchase' ? [0, 90] : [USABLE_MONTHS[sourceKind] ?? 12, 0];
    const everywhere = (zones.length > 0 ? zones : ['UTC']).map((zone) => laterOnTheWall(acquiredAt, months, days, zone).getTime());
    return Math.min(...everywhere);
  });
  const usable = known.filter(({ suspendedAt }) => !suspendedAt || suspendedAt > at);
  const end = Math.max(...endsOf(usable.length > 0 ? usable : known));
  const first = Math.min(...known.map(({ acquiredAt }) => acquiredAt.getTime()));
  const last = Math.max(...endsOf(known));
  const inTime = contacts.some(({ startedAt }) => startedAt <= at && startedAt.getTime() >= first && startedAt.getTime() < last);
  return known.length > 0 && at.getTime() >= end && !inTime;
}

function aboutWithdrawals(question: Question, facts: GateFacts, at: Date): string[] {
  const found: string[] = [];
  const revokeAll = (since: Date) => facts.lead?.jurisdictions.includes('US') && isFromRevokeAllOn(since, facts);
  for (const { kind, channel, reportedAt, liftedAt } of facts.suppressions) {
    if (reportedAt > at || (liftedAt && liftedAt <= at)) continue;
    if (channel === 'all' || channel === question.channel) found.push('suppressed company');
    else if ((kind === 'opt_out' || kind === 'complaint') && revokeAll(reportedAt)) found.push('suppressed company');
  }
  if (facts.unclearOptOuts.some(({ statedAt }) => statedAt <= at)) found.push('opt_out_unclear company');
  const places = needs(question, facts, at).map(([jurisdiction]) => jurisdiction);
  if (standingWithdrawal(question, facts, at)) {
    found.push(...(places.length > 0 ? places : ['company']).map((place) => `consent_revoked ${place}`));
  }
  return found;
}

/** Where a consent is asked for, before any list is. */
function needs({ channel, purpose, dialerMode }: Question, facts: GateFacts, at: Date): [string, Need][] {
  const found: [string, Need][] = [];
  const isMarketing = purpose.startsWith('marketing');
  const isCallOrText = channel !== 'email';
  for (const jurisdiction of facts.lead?.jurisdictions ?? []) {
    const express: [string, Need] = [jurisdiction, { grade: 'express' }];
    if (jurisdiction === 'JP') found.push(express);
    if (jurisdiction === 'DE' && (isMarketing || purpose === 'survey')) found.push(express);
    if (jurisdiction === 'CN' && isCallOrText && (isMarketing || purpose === 'survey')) found.push(express);
    if (jurisdiction === 'FR' && isMarketing && (channel !== 'call' || isOptInInFrance(facts, at))) found.push(express);
    if (jurisdiction === 'IN' && isCallOrText) found.push([jurisdiction, { grade: 'express', method: 'dca' }]);
    if (channel !== 'call') continue;
    const recorded = dialerMode === 'prerecorded' || dialerMode === 'ai_voice';
    if (jurisdiction === 'US' && recorded) found.push(['US', { grade: 'express_written' }]);
    if (['US-FL', 'US-OK'].includes(jurisdiction) && dialerMode === 'predictive') found.push([jurisdiction, { grade: 'express_written' }]);
  }
  return found;
}

function isOptInInFrance(facts: GateFacts, at: Date): boolean {
  return zonesOf(facts).some((zone) => wallIn(at, zone).day >= '2026-08-11');
}

function isFrenchCustomer(facts: GateFacts, at: Date): boolean {
  return facts.relationships.some((dealing) => dealing.kind === 'contract' && dealing.at <= at
    && (dealing.endsAt === null || dealing.endsAt > at));
}

function aboutConsent(question: Question, facts: GateFacts, at: Date): string[] {
  return needs(question, facts, at)
    .filter(([jurisdiction]) => jurisdiction !== 'FR' || !isFrenchCustomer(facts, at) )
    .map(([jurisdiction, need]) => [consentFor(question, facts, at, need), jurisdiction] as const)
    .filter(([word]) => word !== 'granted')
    .map(([word, jurisdiction]) => `${word} ${jurisdiction}`);
}

function binds(row: ListRow, question: Question, facts: GateFacts): boolean {
  return row.channels.includes(question.channel) && facts.lead?.jurisdictions.includes(row.jurisdiction) === true;
}

function aboutList(row: ListRow, question: Question, facts: GateFacts, at: Date): string[] {
  const state = facts.lists.find(({ list }) => list === row.list);
  const isRequired = !row.companiesOnly || facts.lead?.isCompany === true;
  const listing = state ? aboutListing(row, state, question, facts, at) : [];
  if (!state?.release) return [...(isRequired ? [`list_missing ${row.jurisdiction}`] : []), ...listing];
  const stale = isRequired && at.getTime() - state.release.asOf.getTime() > row.maxDays * DAY;
  return [...(stale ? [`list_stale ${row.jurisdiction}`] : []), ...listing];
}

function aboutListing(row: ListRow, { listedSince }: ListState, question: Question, facts: GateFacts, at: Date): string[] {
  if (!listedSince || listedSince > at) return [];
  if (row.graceDays && zonesOf(facts).some((zone) => at < laterOnTheWall(listedSince, 0, row.graceDays ?? 0, zone))) return [];
  const need: Need = {
    grade: row.overriddenBy ?? 'express',
    ...(row.mustNameCaller && { namesSeller: true }),
    ...(row.consentMonths && { monthsWithoutEnd: row.consentMonths }),
    ...(!row.overriddenBy && { after: listedSince }),
  };
  const consent = consentFor(question, facts, at, need);
  if (consent === 'granted' || hasDealing(row.jurisdiction, facts, at)) return [];
  const annulled = !row.overriddenBy && consent === 'consent_revoked' && !standingWithdrawal(question, facts, at);
  return [`dnc_listed ${row.jurisdiction}`, ...(annulled ? [`consent_revoked ${row.jurisdiction}`] : [])];
}

function hasDealing(jurisdiction: string, facts: GateFacts, at: Date): boolean {
  return facts.relationships.some((dealing) => {
    const months = DEALINGS[jurisdiction]?.[dealing.kind];
    const isOver = dealing.at > at || (dealing.endsAt !== null && dealing.endsAt <= at);
    return months !== undefined && !isOver && zonesOf(facts).every((zone) => at <= laterOnTheWall(dealing.at, months, 0, zone));
  });
}

function aboutDialing({ channel, purpose, callerId, dialerMode }: Question, facts: GateFacts, at: Date): string[] {
  const places = facts.lead?.jurisdictions ?? [];
  if (channel !== 'call') return [];
  const found: string[] = [];
  const moves = facts.portings.filter((one) => one.at <= at);
  const lastMove = Math.max(...moves.map((one) => one.at.getTime()));
  const movedTo = moves.find((one) => one.at.getTime() === lastMove)?.lineType;
  const isMobile = facts.lead?.lineType === 'mobile' || movedTo === 'mobile';
  const barred = isMobile ? NO_WIRELESS.filter((state) => places.includes(state)) : [];
  found.push(...barred.map((state) => `dialer_mode ${state}`));
  if (places.includes('IN') && callerId !== null) {
    const series = purpose.startsWith('service') ? '1600' : '140';
    const national = callerId.replace(/^\+91/, '');
    if (!national.startsWith(series)) found.push('caller_id_series IN');
  }
  for (const [jurisdiction, window] of Object.entries(ABANDONMENT)) {
    const calls = facts.campaign.find((one) => one.window === window);
    if (places.includes(jurisdiction) && dialerMode === 'predictive' && calls && calls.abandoned > calls.live * 0.03) {
      found.push(`abandonment ${jurisdiction}`);
    }
  }
  return found;
}
