import type { GateFacts, Question } from '../../domain/clearance.ts';

export const AT = new Date('2026-11-24T18:00:00.123Z');

export const QUESTION: Question = {
  channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100',
};

const id = (nth: number) => `019a0000-0000-7000-8000-${String(nth).padStart(12, '0')}`;

/** Facts in which everything that can be on the books is there once, moments and nulls alike. */
export function everyFact(): GateFacts {
  return {
    lead: {
      id: id(1), jurisdictions: ['US', 'US-DC'], zones: ['America/New_York'], lineType: 'mobile', isCompany: true,
      archivedAt: new Date('2026-11-01T00:00:00.001Z'), disposedAt: null,
    },
    acquisitions: [{ id: id(2), sourceKind: 'event', acquiredAt: new Date('2026-10-01T00:00:00Z'), suspendedAt: new Date('2026-11-02T00:00:00Z') }],
    consents: [{
      id: id(3), kind: 'granted', channel: 'call', purpose: 'marketing', grade: 'express_written', effect: 'in_force', carried: true,
      happenedAt: new Date('2026-10-01T00:00:00Z'), receivedAt: new Date('2026-10-02T00:00:00Z'),
      expiresAt: new Date('2027-01-01T00:00:00Z'), confirmation: 'none', method: 'web_form', namesSeller: true,
    }],
    suppressions: [{
      id: id(4), kind: 'opt_out', channel: 'sms', reportedAt: new Date('2026-10-03T00:00:00Z'),
      receivedAt: new Date('2026-10-04T00:00:00Z'), liftedAt: new Date('2026-10-05T00:00:00Z'),
    }],
    relationships: [{ id: id(5), kind: 'contract', at: new Date('2026-05-01T00:00:00Z'), endsAt: null }],
    contacts: [{
      id: id(6), channel: 'call', purpose: 'marketing', seller: null, campaign: 'spring', outcome: 'no_answer',
      startedAt: new Date('2026-11-20T10:00:00Z'), endedAt: new Date('2026-11-20T10:00:22Z'),
    }],
    openClearance: { id: id(7), until: new Date('2026-11-24T18:05:00Z') },
    lists: [{
      list: 'us-federal', jurisdiction: 'US', effect: 'block_unless_consent',
      release: { id: id(8), asOf: new Date('2026-11-20T00:00:00Z') }, listedSince: new Date('2026-11-19T00:00:00Z'),
    }],
    campaign: [{ window: 'P30D', live: 100, abandoned: 2 }],
    reassigned: { id: id(9), answer: 'no', askedAt: new Date('2026-11-10T00:00:00Z'), knownGoodAt: new Date('2026-10-01T00:00:00Z') },
    portings: [{ id: id(11), at: new Date('2026-11-12T00:00:00Z'), lineType: 'mobile' }],
    unclearOptOuts: [{ id: id(10), channel: 'all', statedAt: new Date('2026-11-11T00:00:00Z') }],
  };
}
