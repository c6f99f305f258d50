import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CHANNELS, CONSENT_EVENT_KINDS, PURPOSES, gradeOf, type ConsentEvent } from '../../domain/consent.ts';
import { consentState, consentUntil, effectOfCarriedConsent } from '../../domain/consent-ledger.ts';
import { NOW, consentEvent } from './facts.ts';

const at = (text: string) => new Date(text);

describe('the grade of a consent', () => {
  it.each([
    ['what was said wins over what the evidence suggests', 'implied', { textVersion: '1', method: 'web_form' }, 'implied'],
    ['text and way of agreeing on record make it written', undefined, { textVersion: '1', method: 'web_form' }, 'express_written'],
    ['a text without a way of agreeing is express', undefined, { textVersion: '1' }, 'express'],
    ['any evidence makes it express', undefined, { url: 'https://example.com' }, 'express'],
    ['one piece among empty ones is enough', undefined, { url: '', language: 'de' }, 'express'],
    ['evidence that nobody filled in is none', undefined, { url: undefined }, 'implied'],
    ['empty evidence is none', undefined, { url: '' }, 'implied'],
    ['no evidence leaves it implied', undefined, undefined, 'implied'],
  ] as const)('%s', (_, given, evidence, grade) => {
    expect(gradeOf(given, evidence)).toBe(grade);
  });
});

describe('the consent state of a lead', () => {
  it.each<[string, ConsentEvent[], string]>([
    ['an empty ledger is none', [], 'none'],
    ['a grant is granted', [consentEvent()], 'granted'],
    ['a grant that lapses at this very moment has lapsed', [consentEvent({ expiresAt: NOW })], 'expired'],
    ['a grant that lapses a millisecond later stands', [consentEvent({ expiresAt: new Date(NOW.getTime() + 1) })], 'granted'],
    ['a grant of the future does not count yet', [consentEvent({ happenedAt: at('2026-11-23T00:00:00Z') })], 'none'],
    ['a carried grant after a withdrawal counts for nothing', [
      consentEvent({ id: 'b', kind: 'revoked', happenedAt: at('2026-11-21T09:00:00Z') }), consentEvent({ effect: 'waiting', carried: true }),
    ], 'revoked'],
    ['a double opt-in that nobody confirmed is unconfirmed', [consentEvent({ confirmation: 'double_opt_in' })], 'unconfirmed'],
    [
      'a confirmation makes it a consent',
      [consentEvent({ confirmation: 'double_opt_in' }), consentEvent({ id: 'b', kind: 'confirmed', happenedAt: at('2026-11-21T11:00:00Z') })],
      'granted',
    ],
    ['a later withdrawal revokes it', [consentEvent(), consentEvent({ id: 'b', kind: 'revoked', happenedAt: at('2026-11-21T11:00:00Z') })], 'revoked'],
    ['a withdrawal at the same instant wins', [consentEvent({ id: 'z' }), consentEvent({ id: 'a', kind: 'revoked' })], 'revoked'],
    ['one scope that stands is enough for the summary', [consentEvent({ kind: 'revoked' }), consentEvent({ channel: 'sms' })], 'granted'],
  ])('%s', (_, ledger, state) => {
    expect(consentState(ledger, NOW)).toBe(state);
  });

  it('does not depend on the order in which the events arrived', () => {
    fc.assert(
      fc.property(ledgers(), fc.infiniteStream(fc.nat()), (ledger, weights) => {
        const weighed = ledger.map((event) => ({ event, weight: weights.next().value as number }));
        const shuffled = weighed.sort((a, b) => a.weight - b.weight);
        expect(consentState(shuffled.map(({ event }) => event), NOW)).toBe(consentState(ledger, NOW));
      }),
    );
  });
});

describe('the end of the last consent', () => {
  it('is the latest lapse that is still to come', () => {
    const soon = consentEvent({ expiresAt: at('2026-12-01T00:00:00Z') });
    const later = consentEvent({ id: 'b', channel: 'sms', expiresAt: at('2027-01-01T00:00:00Z') });
    expect(consentUntil([soon, later, consentEvent({ expiresAt: at('2026-01-01T00:00:00Z') })], NOW)).toEqual(later.expiresAt);
    expect(consentUntil([consentEvent()], NOW)).toBeNull();
  });
});

describe('a consent that comes along with an acquisition', () => {
  const revoked = consentEvent({ kind: 'revoked' });
  it.each<[string, ConsentEvent[], string, string]>([
    ['takes effect where nothing was withdrawn', [], 'marketing', 'in_force'],
    ['waits where its purpose was withdrawn', [revoked], 'marketing', 'waiting'],
    ['waits where a wider purpose was withdrawn', [revoked], 'marketing.own', 'waiting'],
    ['takes effect where only a narrower purpose was withdrawn', [consentEvent({ kind: 'revoked', purpose: 'marketing.own' })], 'marketing', 'in_force'],
    ['takes effect where another channel was withdrawn', [consentEvent({ kind: 'revoked', channel: 'sms' })], 'marketing', 'in_force'],
    ['takes effect where a register annulled what was before, as the gate counts it', [consentEvent({ kind: 'annulled' })], 'marketing', 'in_force'],
    ['waits where a register annulled what the person had withdrawn', [revoked, consentEvent({ id: 'b', kind: 'annulled', happenedAt: NOW })], 'marketing', 'waiting'],
    ['waits behind another one that waits', [revoked, consentEvent({ id: 'b', effect: 'waiting', carried: true, happenedAt: NOW })], 'marketing', 'waiting'],
    ['takes effect after the person gave it back explicitly', [revoked, consentEvent({ id: 'b', happenedAt: NOW })], 'marketing', 'in_force'],
  ])('%s', (_, ledger, purpose, effect) => {
    expect(effectOfCarriedConsent(ledger, 'call', purpose as 'marketing')).toBe(effect);
  });

  it('never takes effect while the last word on its scope is a withdrawal, in any order of arrival', () => {
    fc.assert(
      fc.property(ledgers(), fc.constantFrom(...CHANNELS), fc.constantFrom(...PURPOSES), (ledger, channel, purpose) => {
        const withdrawal = consentEvent({ id: 'last', kind: 'revoked', channel, purpose, happenedAt: at('2030-01-01T00:00:00Z') });
        expect(effectOfCarriedConsent([withdrawal, ...ledger], channel, purpose)).toBe('waiting');
      }),
    );
  });
});

function ledgers() {
  const moment = fc.integer({ min: 0, max: 40 }).map((hours) => new Date(NOW.getTime() - hours * 3_600_000));
  const event = fc.record({
    id: fc.uuid(),
    kind: fc.constantFrom(...CONSENT_EVENT_KINDS),
    channel: fc.constantFrom(...CHANNELS),
    purpose: fc.constantFrom(...PURPOSES),
    effect: fc.constantFrom('in_force', 'waiting'),
    happenedAt: moment,
    expiresAt: fc.option(moment),
    confirmation: fc.constantFrom('none', 'double_opt_in'),
  });
  const events = event.map((changes) => consentEvent(changes as Partial<ConsentEvent>));
  return fc.uniqueArray(events, { selector: ({ id }) => id, maxLength: 8 });
}
