import type { GateConsent, GateFacts } from '../../domain/clearance.ts';
import type { LeadFacts } from '../../domain/lead.ts';

export const NOW = new Date('2026-11-22T12:00:00Z');
export const LEAD_ID = '019a0000-0000-7000-8000-000000800000';

/** The facts of a lead that came in an hour ago, changed as a situation needs it. */
export function leadFacts(changes: Partial<LeadFacts> = {}): LeadFacts {
  const arrival = {
    id: '019a0000-0000-7000-8000-000000000001',
    source: 'spring-fair',
    acquiredAt: new Date('2026-11-21T10:00:00Z'),
    receivedAt: new Date('2026-11-22T11:00:00Z'),
  };
  return {
    id: LEAD_ID,
    stage: 'acquired',
    stageSince: arrival.receivedAt,
    acquisitions: { count: 1, first: arrival, last: arrival },
    hasEmail: false,
    lastContactAt: null,
    lastClearedAt: null,
    lastAskedAt: null,
    lastRequestAt: null,
    contactableFrom: null,
    archivedAt: null,
    archivedWith: null,
    retrievedUntil: null,
    erasureAskedAt: null,
    closedSince: null,
    isHeld: false,
    disposalOpenedAt: null,
    disposedAt: null,
    requests: [],
    ...changes,
  };
}

/** What the gate looks at of that lead, changed as a situation needs it. */
export function gateFacts(changes: Partial<GateFacts> = {}, lead: Partial<NonNullable<GateFacts['lead']>> = {}): GateFacts {
  const { acquisitions: { last: { id, acquiredAt } } } = leadFacts();
  return {
    lead: {
      id: LEAD_ID, jurisdictions: ['US'], zones: ['America/New_York'], lineType: null, isCompany: false, archivedAt: null, disposedAt: null,
      ...lead,
    },
    acquisitions: [{ id, sourceKind: 'event', acquiredAt, suspendedAt: null }],
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
    ...changes,
  };
}

/** An express consent to marketing calls of an hour ago, changed as a situation needs it. */
export function consentEvent(changes: Partial<GateConsent> = {}): GateConsent {
  return {
    id: '019a0000-0000-7000-8000-000000000002',
    kind: 'granted',
    channel: 'call',
    purpose: 'marketing',
    grade: 'express',
    effect: 'in_force',
    carried: false,
    happenedAt: new Date('2026-11-21T10:00:00Z'),
    receivedAt: new Date('2026-11-22T11:00:00Z'),
    expiresAt: null,
    confirmation: 'none',
    method: null,
    namesSeller: false,
    ...changes,
  };
}
