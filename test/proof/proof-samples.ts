import { commitToNumber } from '../../proof/opening.ts';
import type { ClearanceRecord } from '../../proof/clearance-proof.ts';
import { SigningKeys } from '../../proof/signing-keys.ts';

export const PHONE = '+12025550143';
export const OPENING = Buffer.alloc(32, 7);
export const ISSUED = {
  issuedAt: new Date('2026-11-24T10:00:00Z'), keysUrl: 'https://calls.example.com/.well-known/leadwarden-keys.json', listPathsUrl: '/v1/dnc/proof',
};

/** Keys made from fixed seeds; the last one signs. */
export function keysFrom(...seeds: number[]): SigningKeys {
  const files = seeds.map((seed, index) => [index + 1, { seed: Buffer.alloc(32, seed), createdAt: new Date(0) }] as const);
  return new SigningKeys(new Map(files));
}

/** What was recorded of a clearance, changed as a situation needs it. */
export function record(changes: Partial<ClearanceRecord> = {}): ClearanceRecord {
  return {
    clearanceId: idOf(0),
    decision: 'deny',
    at: '2026-11-24T02:00:00.000Z',
    validUntil: null,
    notBefore: '2026-11-24T13:00:00.000Z',
    question: { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' },
    personDigest: commitToNumber(OPENING, PHONE).toString('hex'),
    reasons: [reasonOf(0)],
    facts: {
      lead: {
        id: idOf(1), jurisdictions: ['US', 'US-FL'], zones: ['America/New_York'], lineType: null, isCompany: false,
        archivedAt: null, disposedAt: null,
      },
      acquisitions: [], consents: [], suppressions: [], relationships: [], contacts: [], openClearance: null, lists: [],
      campaign: [], reassigned: null, portings: [], unclearOptOuts: [],
    },
    lists: [{ list: 'us-federal', releaseId: idOf(2), asOf: '2026-11-20T00:00:00.000Z' }],
    zones: ['America/New_York'],
    counts: [{ jurisdiction: 'US-FL', window: 'PT24H', count: 1, cap: 3 }],
    policyVersion: `sha256:${'ab'.repeat(32)}`,
    settingsVersion: 3,
    applied: [
      { jurisdiction: 'US-FL', rule: 'call_window', value: { hours: {} }, source: 'Fla. Stat. 501.616(6)', confidence: 'primary' },
    ],
    recordDigest: `sha256:${'cd'.repeat(32)}`,
    ...changes,
  };
}

export function reasonOf(index: number, facts: readonly string[] = ['zone:America/New_York']): ClearanceRecord['reasons'][number] {
  return {
    code: 'call_window', effect: 'deny', jurisdiction: 'US-FL', rule: 'call_window', source: `Fla. Stat. 501.616(6), line ${index}`,
    confidence: 'primary', notBefore: '2026-11-24T13:00:00.000Z', facts,
  };
}

/** A case of years: hundreds of contacts and consents, every list and zone, reasons with many facts. */
export function longCase(): ClearanceRecord {
  const many = Array.from({ length: 300 }, (_, index) => index);
  const { facts } = record();
  const moment = '2026-11-01T00:00:00.000Z';
  return record({
    reasons: many.slice(0, 80).map((index) => reasonOf(index, many.map((each) => `contact:${idOf(each)}`))),
    facts: {
      ...facts,
      contacts: many.map((index) => {
        return {
          id: idOf(index), channel: 'call', purpose: 'marketing', seller: 'acme', campaign: 'c', outcome: 'busy', startedAt: moment, endedAt: moment,
        };
      }),
      acquisitions: many.map((index) => ({ id: idOf(1_000 + index), sourceKind: 'event', acquiredAt: moment, suspendedAt: null })),
    },
    zones: many.map((index) => `Zone/Somewhere_${index}`),
    lists: many.map((index) => ({ list: `list-${index}`, releaseId: idOf(index), asOf: moment })),
    counts: many.map((index) => ({ jurisdiction: `US-${index}`, window: 'PT24H', count: index, cap: 3 })),
    applied: many.map((index) => {
      return { jurisdiction: `US-${index}`, rule: 'call_window', value: { hours: {} }, source: 'x'.repeat(90), confidence: 'secondary' };
    }),
  });
}

export function idOf(index: number): string {
  return `0198c0de-7a1e-7b3c-9d4e-${String(index).padStart(12, '0')}`;
}
