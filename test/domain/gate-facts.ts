import type { CampaignCalls, Decision, GateAcquisition, GateConsent, GateFacts, ListState, Question, ReasonCode } from '../../domain/clearance.ts';
import type { Contact } from '../../domain/contact.ts';
import { decide } from '../../domain/decide.ts';
import type { Suppression } from '../../domain/lead.ts';
import type { Dated, Policy } from '../../domain/policy.ts';
import type { Relationship } from '../../domain/relationship.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../domain/settings.ts';

/** A Wednesday, noon in New York. */
export const NOON = new Date('2027-01-13T17:00:00Z');

export const NEW_YORK = 'America/New_York';

export const instant = (text: string): Date => new Date(text);

export const hoursBefore = (hours: number, at = NOON): Date => new Date(at.getTime() - hours * 3_600_000);

/** What a situation changes about a clean lead in Florida, called by hand on a Wednesday at noon. */
export interface Asked {
  question?: Partial<Question>;
  lead?: Partial<NonNullable<GateFacts['lead']>>;
  facts?: Partial<GateFacts>;
  policies?: readonly Policy[];
  settings?: Partial<Settings>;
  at?: Date | string;
}

export function ask({ question = {}, lead = {}, facts = {}, policies = [], settings = {}, at = NOON }: Asked = {}): Decision {
  const law = { policies, settings: { ...DEFAULT_SETTINGS, ...settings } };
  return decide(asking(question), gateFacts(lead, facts), law, new Date(at));
}

/** The codes of all findings, sorted; one for every finding. */
export function codes(asked: Asked): ReasonCode[] {
  return ask(asked).reasons.map(({ code }) => code).sort();
}

export function asking(changes: Partial<Question> = {}): Question {
  return { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100', ...changes };
}

export function gateFacts(lead: Asked['lead'] = {}, facts: Asked['facts'] = {}): GateFacts {
  return {
    lead: {
      id: 'lead', jurisdictions: ['US', 'US-FL'], zones: [NEW_YORK], lineType: null, isCompany: false, archivedAt: null, disposedAt: null, ...lead,
    },
    acquisitions: [acquisition()],
    consents: [],
    suppressions: [],
    relationships: [],
    contacts: [],
    openClearance: null,
    lists: [],
    campaign: [],
    reassigned: null,
    portings: [],
    unclearOptOuts: [],
    ...facts,
  };
}

export function acquisition(changes: Partial<GateAcquisition> = {}): GateAcquisition {
  return { id: 'acquisition', sourceKind: 'web_form', acquiredAt: instant('2027-01-01T12:00:00Z'), suspendedAt: null, ...changes };
}

/** An express consent to marketing calls, ten days old. */
export function grant(changes: Partial<GateConsent> = {}): GateConsent {
  const happenedAt = changes.happenedAt ?? instant('2027-01-03T12:00:00Z');
  return {
    id: 'grant', kind: 'granted', channel: 'call', purpose: 'marketing', grade: 'express', effect: 'in_force', carried: false, happenedAt,
    receivedAt: happenedAt, expiresAt: null, confirmation: 'none', method: 'web_form', namesSeller: false, ...changes,
  };
}

/** A withdrawal of marketing calls, five days old. */
export function withdrawal(changes: Partial<GateConsent> = {}): GateConsent {
  return grant({ id: 'withdrawal', kind: 'revoked', happenedAt: instant('2027-01-08T12:00:00Z'), ...changes });
}

/** A call that failed on an unknown line: it counts as an attempt, and by itself asks for little quiet. */
export function contact(changes: Partial<Contact> = {}): Contact {
  const startedAt = changes.startedAt ?? hoursBefore(10);
  return {
    id: 'contact', channel: 'call', purpose: 'marketing', seller: 'acme', campaign: 'spring', outcome: 'failed', startedAt, endedAt: startedAt,
    ...changes,
  };
}

export function suppression(changes: Partial<Suppression> = {}): Suppression {
  const reportedAt = changes.reportedAt ?? hoursBefore(48);
  return { id: 'suppression', kind: 'opt_out', channel: 'call', reportedAt, receivedAt: reportedAt, liftedAt: null, ...changes };
}

export function relationship(changes: Partial<Relationship> = {}): Relationship {
  return { id: 'relationship', kind: 'purchase', at: instant('2026-07-13T12:00:00Z'), endsAt: null, ...changes };
}

export function listState(changes: Partial<ListState> = {}): ListState {
  return {
    list: 'us-federal', jurisdiction: 'US', effect: 'block_unless_consent', release: { id: 'release', asOf: hoursBefore(24) }, listedSince: null,
    ...changes,
  };
}

export function campaignCalls(live: number, abandoned: number): CampaignCalls {
  return { window: 'PT720H', live, abandoned };
}

/** A value of law that has held since the year 2000. */
export function dated<Value>(value: Value, changes: Partial<Dated<Value>> = {}): Dated<Value> {
  return { from: '2000-01-01', value, source: 'Act 1', verifiedAt: '2026-11-22', confidence: 'primary', ...changes };
}

export function page(jurisdiction: string, values: Policy['values'], changes: Partial<Policy> = {}): Policy {
  return { jurisdiction, name: jurisdiction, values, ...changes };
}
