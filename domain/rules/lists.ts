import type { GateConsent, GateFacts, ListState, Reason } from '../clearance.ts';
import { isEnough } from '../consent.ts';
import { civilPlusEarliest, exactMs } from '../local-time.ts';
import { relationshipInstead } from './consent.ts';
import { applicable, ownReason, reasonOf, type Applicable, type Situation } from './situation.ts';

/** Stands for every list that is registered for a jurisdiction. */
const ANY_LIST = '*';

/** A number that was not checked, or not lately, is not clean: every list that is required has to be there and fresh. */
export function listsFresh(situation: Situation): Reason[] {
  return [...requiredByLaw(situation), ...requiredBySettings(situation)];
}

function requiredByLaw(situation: Situation): Reason[] {
  return applicable(situation, 'list_freshness').flatMap((each) => {
    const { list, channels } = each.value;
    if (!channels.includes(situation.question.channel)) return [];
    if (list !== ANY_LIST) return isRequired(situation, each) ? freshness(situation, each, list) : [];
    const registered = situation.facts.lists.filter(({ jurisdiction }) => jurisdiction === each.policy.jurisdiction);
    return registered.flatMap((state) => freshness(situation, each, state.list));
  });
}

function isRequired({ facts: { lead }, settings }: Situation, { value }: Applicable<'list_freshness'>): boolean {
  const { list, requiredFor } = value;
  if (settings.lists.required.includes(list)) return true;
  switch (requiredFor) {
    case 'everyone': return true;
    case 'companies': return lead?.isCompany === true;
    case 'subscribers': return false;
  }
}

function freshness({ facts: { lists }, at }: Situation, each: Applicable<'list_freshness'>, list: string): Reason[] {
  const release = lists.find((state) => state.list === list)?.release;
  if (!release) return [reasonOf('list_missing', 'list_freshness', each, { facts: [`list:${list}`] })];
  const age = at.getTime() - release.asOf.getTime();
  if (age <= exactMs(each.value.maxAge)) return [];
  return [reasonOf('list_stale', 'list_freshness', each, { facts: [`list:${list}`, `release:${release.id}`] })];
}

function requiredBySettings(situation: Situation): Reason[] {
  const inLaw = new Set(applicable(situation, 'list_freshness').map(({ value }) => value.list));
  const missing = situation.settings.lists.required.filter((list) => !inLaw.has(list) && isUnloaded(situation, list));
  return missing.map((list) => ownReason('list_missing', 'setting lists.required', { facts: [`list:${list}`] }));
}

/** Facts have the lists of the places that a lead may be in, and those nobody registered, not those of other countries. */
function isUnloaded({ facts: { lists } }: Situation, list: string): boolean {
  return lists.some((each) => each.list === list && each.release === null);
}

/** A listed number is left alone, unless a consent or a relationship overrides that list there. */
export function notListed(situation: Situation): Reason[] {
  const effects = applicable(situation, 'registry_effect');
  return situation.facts.lists.flatMap((state) => {
    if (!state.listedSince || state.listedSince > situation.at || isForeign(situation.facts, state)) return [];
    const named = effects.filter(({ value }) => value.list === state.list);
    const inLaw = named.length > 0 ? named : effects.filter((each) => isForAny(each, state));
    return inLaw.length === 0 ? ownList(situation, state) : inLaw.flatMap((each) => listedByLaw(situation, state, each));
  });
}

/** A list of a country that the number is not of says nothing about it. */
export function isForeign({ lead }: Pick<GateFacts, 'lead'>, { jurisdiction }: Pick<ListState, 'jurisdiction'>): boolean {
  const country = (code: string) => code.split('-')[0];
  return !lead?.jurisdictions.some((own) => country(own) === country(jurisdiction));
}

function isForAny({ value, policy }: Applicable<'registry_effect'>, { jurisdiction }: ListState): boolean {
  return value.list === ANY_LIST && policy.jurisdiction === jurisdiction;
}

function listedByLaw(situation: Situation, state: ListState, each: Applicable<'registry_effect'>): Reason[] {
  const { value, policy } = each;
  if (!value.channels.includes(situation.question.channel) || !state.listedSince) return [];
  if (value.grace && situation.at < civilPlusEarliest(state.listedSince, value.grace, situation.zones)) return [];
  if (overriddenByConsent(situation, each)) return [];
  if (value.effect !== 'block' && relationshipInstead(situation, policy.jurisdiction, 'lists')) return [];
  return [reasonOf('dnc_listed', 'registry_effect', each, { facts: factsOf(state) })];
}

/** A consent from before an entry that annuls is none any more: the ledger says so. */
function overriddenByConsent(situation: Situation, { value }: Applicable<'registry_effect'>): boolean {
  const { consent, at, zones } = situation;
  if (value.effect === 'block') return false;
  return consent.grants.some((grant) => {
    if (!isEnough(grant.grade, value.grade ?? 'express')) return false;
    if (value.namesCaller && !grant.namesSeller) return false;
    if (!value.consentLapses || grant.expiresAt !== null) return true;
    return at < civilPlusEarliest(grant.happenedAt, value.consentLapses, zones);
  });
}

/** A list of the company's own, or of a jurisdiction whose law says nothing of it: what it was registered to do. */
function ownList({ consent }: Situation, state: ListState): Reason[] {
  const since = state.effect === 'annul_consent' ? state.listedSince : null;
  const isGood = ({ grade, happenedAt }: GateConsent) => isEnough(grade, 'express') && (!since || happenedAt >= since);
  const overridden = state.effect !== 'block' && consent.grants.some(isGood);
  return overridden ? [] : [ownReason('dnc_listed', `list ${state.list}`, { facts: factsOf(state) })];
}

function factsOf({ list, release }: ListState): string[] {
  return [`list:${list}`, ...(release ? [`release:${release.id}`] : [])];
}
