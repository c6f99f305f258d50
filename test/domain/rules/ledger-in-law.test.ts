import { describe, expect, test } from '@jest/globals';
import type { GateConsent, ListState } from '../../../domain/clearance.ts';
import { daysOf, ledgerInLaw, reachesEverything } from '../../../domain/rules/ledger-in-law.ts';
import { asking, dated, gateFacts, grant, instant, listState, NEW_YORK, NOON, page, withdrawal } from '../gate-facts.ts';

const ASKED = asking({ channel: 'call', purpose: 'marketing' });
const LISTED = instant('2027-01-01T00:00:00Z');
const BEFORE = instant('2026-12-31T23:59:59.999Z');

const annulling = page('IT', {
  registry_effect: [dated({ list: 'it-rpo', effect: 'annul_consent' as const, channels: ['call' as const], grade: 'express' as const })],
});
const everything = page('US', { optout_scope: [dated({ reaches: 'everything' as const })] });
const PLACE = { policies: [annulling], zones: ['Europe/Rome'] };

function ledger(consents: GateConsent[], lists: ListState[] = [register(LISTED)], at = NOON) {
  return ledgerInLaw(gateFacts({}, { consents, lists }), ASKED, PLACE, at);
}

function register(listedSince: Date | null, list = 'it-rpo'): ListState {
  return listState({ list, jurisdiction: 'IT', effect: 'annul_consent', listedSince });
}

describe('an entry in a register that annuls', () => {
  test('becomes an annulment of its own, a moment before the entry, under the name of the list', () => {
    const [given, annulled, ...more] = ledger([grant({ happenedAt: BEFORE })]);
    expect(given).toMatchObject({ kind: 'granted' });
    expect(annulled).toMatchObject({ id: 'it-rpo', kind: 'annulled', channel: 'call', purpose: 'marketing', happenedAt: BEFORE, expiresAt: null });
    expect(more).toEqual([]);
  });

  test.each<[string, GateConsent[], ListState[], Date]>([
    ['of a consent given at that very moment', [grant({ happenedAt: LISTED })], [register(LISTED)], NOON],
    ['of a consent given later', [grant({ happenedAt: instant('2027-01-02T00:00:00Z') })], [register(LISTED)], NOON],
    ['of a consent to another channel', [grant({ happenedAt: BEFORE, channel: 'sms' })], [register(LISTED)], NOON],
    ['of a consent to another purpose', [grant({ happenedAt: BEFORE, purpose: 'survey' })], [register(LISTED)], NOON],
    ['where nothing but a withdrawal came before', [withdrawal({ happenedAt: BEFORE })], [register(LISTED)], NOON],
    ['where the number is not listed', [grant({ happenedAt: BEFORE })], [register(null)], NOON],
    ['where it is on another list', [grant({ happenedAt: BEFORE })], [register(LISTED, 'own-list'), register(null)], NOON],
    ['before the entry', [grant({ happenedAt: BEFORE })], [register(LISTED)], BEFORE],
    ['where nothing was given', [], [register(LISTED)], NOON],
  ])('is no annulment %s', (_, consents, lists, at) => {
    expect(ledger(consents, lists, at)).toEqual(consents);
  });

  test('annuls from the moment of the entry on', () => {
    expect(ledger([grant({ happenedAt: BEFORE })], [register(LISTED)], LISTED)).toHaveLength(2);
  });
});

describe('an opt-out where it reaches every kind of message', () => {
  const facts = (event: GateConsent) => gateFacts({}, { consents: [event], lists: [] });
  const place = { policies: [everything], zones: [NEW_YORK] };

  test('is one from everything', () => {
    expect(ledgerInLaw(facts(withdrawal({ channel: 'sms' })), ASKED, place, NOON)).toMatchObject([{ kind: 'revoked', channel: 'all', purpose: 'all' }]);
  });

  test.each(['granted', 'confirmed', 'expired', 'annulled'] as const)('changes nothing about what was %s', (kind) => {
    const event = grant({ kind, channel: 'sms' });
    expect(ledgerInLaw(facts(event), ASKED, place, NOON)).toEqual([event]);
  });

  test('goes by the local day on which it was said, and by that of UTC where there is no zone', () => {
    const from = page('US', { optout_scope: [dated({ reaches: 'everything' as const }, { from: '2027-01-31' })] });
    const lateEvening = instant('2027-01-31T04:59:59Z');
    expect(reachesEverything({ policies: [from], zones: [NEW_YORK] }, lateEvening)).toBe(false);
    expect(reachesEverything({ policies: [from], zones: [NEW_YORK] }, instant('2027-01-31T05:00:00Z'))).toBe(true);
    expect(reachesEverything({ policies: [from], zones: [] }, lateEvening)).toBe(true);
    expect(reachesEverything({ policies: [from], zones: [] }, instant('2027-01-30T23:59:59Z'))).toBe(false);
  });
});

test('a moment falls on each local day of the candidate zones once', () => {
  expect(daysOf([NEW_YORK, 'America/Toronto', 'Asia/Tokyo'], instant('2027-01-13T23:00:00Z'))).toEqual(['2027-01-13', '2027-01-14']);
  expect(daysOf([], instant('2027-01-13T23:00:00Z'))).toEqual(['2027-01-13']);
});
