import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CHANNELS, CONSENT_EVENT_KINDS, GRADES, PURPOSES, type ConsentEvent } from '../../domain/consent.ts';
import { consentState, foldConsent } from '../../domain/consent-ledger.ts';
import { consentOverview, type Standing } from '../../domain/consent-overview.ts';
import { consentEvent, NOW } from './facts.ts';

const HOUR_MS = 3_600_000;
const before = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS);
const everything = (changes: Partial<ConsentEvent> = {}) => consentEvent({ id: 'all', kind: 'revoked', channel: 'all', purpose: 'all', ...changes });

/** Ledgers as they come about: grants and confirmations name one scope, a withdrawal may reach all of them. */
function ledgers() {
  const moment = fc.integer({ min: 0, max: 40 }).map(before);
  const event = fc.record({
    id: fc.uuid(),
    kind: fc.constantFrom(...CONSENT_EVENT_KINDS),
    channel: fc.constantFrom(...CHANNELS, 'all' as const),
    purpose: fc.constantFrom(...PURPOSES, 'all' as const),
    grade: fc.constantFrom(...GRADES),
    carried: fc.boolean(),
    happenedAt: moment,
    expiresAt: fc.option(moment),
    confirmation: fc.constantFrom('none' as const, 'double_opt_in' as const),
  });
  const events = event.map((changes) => {
    const isWide = changes.kind === 'revoked';
    const { channel, purpose } = changes;
    return consentEvent({ ...changes, channel: isWide || channel !== 'all' ? channel : 'call', purpose: isWide || purpose !== 'all' ? purpose : 'marketing' });
  });
  return fc.uniqueArray(events, { selector: ({ id }) => id, maxLength: 10 });
}

describe('what a ledger comes to, scope by scope', () => {
  it('does not depend on the order in which the events arrived', () => {
    fc.assert(fc.property(ledgers(), fc.array(fc.nat()), (ledger, keys) => {
      const keyed = ledger.map((event, nth) => ({ event, key: keys[nth] ?? 0 }));
      const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ event }) => event);
      expect(consentOverview(shuffled, NOW)).toEqual(consentOverview(ledger, NOW));
      expect(consentState(shuffled, NOW)).toBe(consentState(ledger, NOW));
    }));
  });

  it('says of every scope what the fold says', () => {
    fc.assert(fc.property(ledgers(), (ledger) => {
      const lines = new Map(consentOverview(ledger, NOW).map((line) => [`${line.channel} ${line.purpose}`, line]));
      for (const channel of CHANNELS) for (const purpose of PURPOSES) {
        const { state, grants, withdrawal } = foldConsent(ledger, channel, purpose, NOW);
        const line = lines.get(`${channel} ${purpose}`);
        expect(line?.state ?? 'none').toBe(state);
        if (state === 'granted') expect(grants.map(({ id }) => id)).toContain(line?.consentId);
        if (state === 'revoked') expect(line?.consentId).toBe(withdrawal?.id);
      }
    }));
  });

  it('is changed by a grant in its own scope only', () => {
    fc.assert(fc.property(ledgers(), fc.constantFrom(...CHANNELS), fc.constantFrom(...PURPOSES), (ledger, channel, purpose) => {
      const grant = consentEvent({ id: 'grant', channel, purpose, happenedAt: NOW });
      const others = (lines: Standing[]) => lines.filter((line) => line.channel !== channel || line.purpose !== purpose);
      const after = consentOverview([...ledger, grant], NOW);
      expect(others(after)).toEqual(others(consentOverview(ledger, NOW)));
    }));
  });

  it('is granted in the scope that the person restored after withdrawing everything, and in no other', () => {
    fc.assert(fc.property(ledgers(), fc.constantFrom(...CHANNELS), fc.constantFrom(...PURPOSES), (ledger, channel, purpose) => {
      const later = new Date(NOW.getTime() + HOUR_MS);
      const restored = [...ledger, everything({ happenedAt: NOW }), consentEvent({ id: 'own', channel, purpose, happenedAt: later })];
      const granted = consentOverview(restored, later).filter(({ state }) => state === 'granted');
      expect(granted.map((line) => [line.channel, line.purpose])).toEqual([[channel, purpose]]);
    }));
  });

  it('is revoked everywhere by a withdrawal of everything that comes last, and stays so whatever is carried in', () => {
    fc.assert(fc.property(ledgers(), (ledger) => {
      const carried = consentEvent({ id: 'carried', carried: true, happenedAt: new Date(NOW.getTime() + HOUR_MS) });
      const lines = consentOverview([carried, everything({ happenedAt: NOW }), ...ledger], new Date(NOW.getTime() + HOUR_MS));
      expect(lines.map(({ state }) => state)).toEqual(CHANNELS.flatMap(() => PURPOSES.map(() => 'revoked')));
      expect(consentState([everything({ happenedAt: NOW }), ...ledger], NOW)).toBe('revoked');
    }));
  });

  it.each<[string, ConsentEvent[], object[]]>([
    ['nothing of an empty ledger', [], []],
    ['the best grade in force', [consentEvent({ id: 'a', grade: 'express_written', happenedAt: before(3) }), consentEvent({ id: 'b', happenedAt: before(2) })],
      [{ state: 'granted', grade: 'express_written', consentId: 'a', since: before(3) }]],
    ['the later of two as good', [consentEvent({ id: 'a', happenedAt: before(3) }), consentEvent({ id: 'b', happenedAt: before(2) })], [{ consentId: 'b' }]],
    ['no grade where nothing is in force', [consentEvent({ id: 'a', expiresAt: NOW })], [{ state: 'expired', grade: null, consentId: 'a', expiresAt: NOW }]],
    ['the consent that ran out, not the note that it did', [consentEvent({ id: 'a' }), consentEvent({ id: 'b', kind: 'expired', happenedAt: before(1) })],
      [{ state: 'expired', grade: null, consentId: 'a' }]],
    ['nothing of a confirmation alone', [consentEvent({ id: 'a', kind: 'confirmed' })], []],
    ['what waits for its confirmation', [consentEvent({ id: 'a', confirmation: 'double_opt_in' })], [{ state: 'unconfirmed', grade: null, consentId: 'a' }]],
  ])('is %s', (_, ledger, lines) => {
    expect(consentOverview(ledger, NOW)).toMatchObject(lines);
    expect(consentOverview(ledger, NOW)).toHaveLength(lines.length);
  });
});
