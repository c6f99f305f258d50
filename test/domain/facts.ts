import type { ConsentEvent } from '../../domain/consent.ts';
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
    jurisdictions: ['US'],
    dncState: 'unchecked',
    acquisitions: { count: 1, first: arrival, last: arrival },
    consents: [],
    suppressions: [],
    archivedAt: null,
    disposedAt: null,
    ...changes,
  };
}

/** An express consent to marketing calls of an hour ago, changed as a situation needs it. */
export function consentEvent(changes: Partial<ConsentEvent> = {}): ConsentEvent {
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
    ...changes,
  };
}
