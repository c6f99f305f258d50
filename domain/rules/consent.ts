import type { GateConsent, Reason, ReasonCode } from '../clearance.ts';
import { covers, isEnough } from '../consent.ts';
import { civilPlusEarliest } from '../local-time.ts';
import type { RuleValues } from '../policy.ts';
import type { Relationship } from '../relationship.ts';
import { applicable, ownReason, reasonOf, type Applicable, type Situation } from './situation.ts';

/** A withdrawal denies within its scope, whether or not a consent is required there. */
export function notWithdrawn(situation: Situation): Reason[] {
  const { withdrawal } = situation.consent;
  if (!withdrawal) return [];
  const byRegister = annulled(situation, withdrawal);
  if (byRegister.length > 0) return byRegister;
  const facts = [`consent:${withdrawal.id}`];
  const required = requirements(situation);
  if (required.length === 0) return [ownReason('consent_revoked', 'withdrawal of consent', { facts })];
  return required.map((each) => reasonOf('consent_revoked', 'consent_required', each, { facts }));
}

/** A consent that an entry in a register ended, by the law of that register. */
function annulled(situation: Situation, { kind, id }: GateConsent): Reason[] {
  if (kind !== 'annulled') return [];
  return applicable(situation, 'registry_effect')
    .filter(({ value }) => value.effect === 'annul_consent' && value.list === id)
    .map((each) => reasonOf('consent_revoked', 'registry_effect', each, { facts: ['annulled', `list:${id}`] }));
}

/**
 * Where a consent is required for this channel, purpose and way of dialing, there has to be one, and a good enough one. A
 * withdrawal is a reason of its own.
 */
export function consentGiven(situation: Situation): Reason[] {
  const facts = situation.consent.events.map(({ id }) => `consent:${id}`);
  return requirements(situation).flatMap((each) => {
    if (relationshipInstead(situation, each.policy.jurisdiction, 'consent')) return [];
    const code = shortcoming(situation, each.value);
    return code === null ? [] : [reasonOf(code, 'consent_required', each, { facts })];
  });
}

function shortcoming({ consent }: Situation, { grade, method }: RuleValues['consent_required']): ReasonCode | null {
  const isGood = (grant: GateConsent) => isEnough(grant.grade, grade) && (!method || grant.method === method);
  switch (consent.state) {
    case 'granted': return consent.grants.some(isGood) ? null : 'consent_grade';
    case 'unconfirmed': return 'consent_unconfirmed';
    case 'expired': return 'consent_expired';
    case 'revoked': return null;
    case 'none': return 'consent_missing';
  }
}

function requirements(situation: Situation): Applicable<'consent_required'>[] {
  const { channel, purpose, dialerMode } = situation.question;
  return applicable(situation, 'consent_required').filter(({ value }) => {
    if (!value.channels.includes(channel) || !value.purposes.some((wider) => covers(wider, purpose))) return false;
    return !value.dialing || (channel === 'call' && value.dialing.includes(dialerMode));
  });
}

/** Whether a business relationship stands in for a consent, or overrides a list, in a jurisdiction. */
export function relationshipInstead(situation: Situation, jurisdiction: string, instead: 'consent' | 'lists'): boolean {
  const { relationships } = situation.facts;
  return applicable(situation, 'relationship_exemption').some(({ policy, value }) => {
    if (policy.jurisdiction !== jurisdiction || value.instead !== instead) return false;
    return relationships.some((relationship) => relationship.kind === value.kind && lasts(situation, relationship, value.period));
  });
}

/** The anniversary itself still counts; a stated end does not. */
function lasts({ at, zones }: Situation, relationship: Relationship, period: string | null): boolean {
  if (relationship.endsAt && relationship.endsAt <= at) return false;
  return period === null || at <= civilPlusEarliest(relationship.at, period, zones);
}
