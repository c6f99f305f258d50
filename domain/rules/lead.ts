import { latest } from '../civil-time.ts';
import type { GateFacts, Reason } from '../clearance.ts';
import type { Suppression } from '../lead.ts';
import { civilPlusEarliest } from '../local-time.ts';
import { isSafeHarbour, isSomebodyElses } from '../reassigned.ts';
import { reachesEverything } from './ledger-in-law.ts';
import { applicable, ownReason, type Situation } from './situation.ts';

/** There has to be an acquisition to stand on, and the lead has to be in use. */
export function leadInUse({ facts, at }: Situation): Reason[] {
  const { lead, acquisitions } = facts;
  if (isDisposed(lead, at)) return [ownReason('lead_disposed', 'its personal data has been destroyed')];
  if (!lead || acquisitions.length === 0) return [ownReason('lead_unknown', 'no acquisition of this number is on the books')];
  return lead.archivedAt && lead.archivedAt <= at ? [ownReason('lead_archived', 'it has been archived')] : [];
}

function isDisposed(lead: GateFacts['lead'], at: Date): boolean {
  return lead !== null && lead.disposedAt !== null && lead.disposedAt <= at;
}

/** A lead whose sources are all out of use has nothing left to stand on. */
export function sourceInUse({ facts: { acquisitions }, at }: Situation): Reason[] {
  const suspended = acquisitions.every((acquisition) => isSuspended(acquisition, at));
  if (acquisitions.length === 0 || !suspended) return [];
  return [ownReason('source_suspended', 'every source it came from is suspended', { facts: acquisitions.map(({ id }) => `acquisition:${id}`) })];
}

function isSuspended({ suspendedAt }: GateFacts['acquisitions'][number], at: Date): boolean {
  return suspendedAt !== null && suspendedAt <= at;
}

/**
 * A lead that nobody contacted soon enough after it came in is not to be contacted for the first time. What came from a source
 * that is suspended keeps nothing usable: nobody may stand on it.
 */
export function acquisitionFresh(situation: Situation): Reason[] {
  const { acquisitions, contacts } = situation.facts;
  const inUse = acquisitions.filter((acquisition) => !isSuspended(acquisition, situation.at));
  const usableUntil = lastUsable(situation, inUse.length > 0 ? inUse : acquisitions);
  if (!usableUntil || situation.at < usableUntil) return [];
  const first = Math.min(...acquisitions.map(({ acquiredAt }) => acquiredAt.getTime()));
  const inTime = lastUsable(situation, acquisitions) ?? usableUntil;
  if (contacts.some(({ startedAt }) => startedAt.getTime() >= first && startedAt < inTime)) return [];
  return [ownReason('acquisition_stale', 'setting sources.usableFor', { facts: [`usable-until:${usableUntil.toISOString()}`] })];
}

function lastUsable({ settings, zones }: Situation, acquisitions: GateFacts['acquisitions']): Date | null {
  return latest(acquisitions.map(({ sourceKind, acquiredAt }) => {
    const { usableFor } = settings.sources[sourceKind] ?? settings.sources.other;
    return civilPlusEarliest(acquiredAt, usableFor, zones);
  }));
}

/** A number of no country, or of no known clock, cannot be judged; one that was destroyed has neither. E-mail needs no clock. */
export function placeKnown({ facts: { lead }, isPhone, at }: Situation): Reason[] {
  if (!lead || isDisposed(lead, at)) return [];
  const reasons: Reason[] = [];
  if (lead.jurisdictions.length === 0) reasons.push(ownReason('jurisdiction_unknown', 'the number belongs to no country'));
  if (isPhone && lead.zones.length === 0) reasons.push(ownReason('zone_unknown', 'the number has no time zone of its own, or too many'));
  return reasons;
}

/** What the person, or the company about the person, said: no contact on this channel. */
export function notSuppressed(situation: Situation): Reason[] {
  return situation.facts.suppressions
    .filter((suppression) => binds(situation, suppression))
    .map(({ id, kind }) => ownReason('suppressed', `own suppression: ${kind}`, { facts: [`suppression:${id}`, kind] }));
}

function binds(situation: Situation, { kind, channel, reportedAt }: Suppression): boolean {
  if (channel === 'all' || channel === situation.question.channel) return true;
  return (kind === 'opt_out' || kind === 'complaint') && reachesEverything(situation, reportedAt);
}

/** Words that may be an opt-out freeze everything until a person has read them. */
export function statementsClear({ facts: { unclearOptOuts } }: Situation): Reason[] {
  return unclearOptOuts.map(({ id }) => ownReason('opt_out_unclear', 'a statement waits for a person to read it', { facts: [`statement:${id}`] }));
}

/** One clearance of a person at a time. */
export function nobodyElseAsks({ facts: { openClearance }, at }: Situation): Reason[] {
  if (!openClearance || openClearance.until <= at) return [];
  const { id, until } = openClearance;
  return [ownReason('open_clearance', 'another contact of this person is cleared', { facts: [`clearance:${id}`], notBefore: until })];
}

/**
 * A number that somebody else has now is not the person's who gave it, unless it was given again since. Where the company wants
 * it checked, only a `no` of a database does, on its latest reports: 47 CFR 64.1200(m).
 */
export function notReassigned(situation: Situation): Reason[] {
  const { facts, settings, policies, isPhone, at } = situation;
  if (!isPhone) return [];
  const source = reassignedSource(policies) ?? 'setting reassigned.required';
  const looked = facts.reassigned ? [`reassigned-answer:${facts.reassigned.id}`] : [];
  if (isSomebodyElses(facts)) return [ownReason('reassigned', source, { facts: looked })];
  if (!settings.reassigned.required) return [];
  const checks = applicable(situation, 'reassigned_check').map(({ value }) => value);
  return isSafeHarbour(facts, checks, at) ? [] : [ownReason('reassigned_unknown', source, { facts: looked })];
}

function reassignedSource(policies: Situation['policies']): string | null {
  return policies.flatMap((policy) => policy.values.reassigned_check ?? []).at(0)?.source ?? null;
}
