import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CHANNELS, PURPOSES, covers, type ConsentEvent } from '../../domain/consent.ts';
import { consentScopes, consentState, foldConsent } from '../../domain/consent-ledger.ts';
import { consents } from './gate-arbitraries.ts';
import { NOON, grant, hoursBefore, withdrawal } from './gate-facts.ts';

const RUNS = { seed: 20_261_124, numRuns: 500 };
const purposes = fc.constantFrom(...PURPOSES);
const channels = fc.constantFrom(...CHANNELS);
const later = (milliseconds: number) => new Date(NOON.getTime() + milliseconds);

describe('one channel and purpose of a ledger', () => {
  const asked = grant({ confirmation: 'double_opt_in' });
  const confirmed = grant({ id: 'yes', kind: 'confirmed', happenedAt: hoursBefore(50) });
  const said = withdrawal({ happenedAt: hoursBefore(100) });
  const again = (changes: Partial<ConsentEvent> = {}) => grant({ confirmation: 'double_opt_in', happenedAt: hoursBefore(60), ...changes });
  const inFile = (path: string, event: ConsentEvent, ownAct = false): ConsentEvent => {
    return { ...event, carried: true, file: { path, ownAct } };
  };
  const fromFile = (path: string, { ownAct }: { ownAct: boolean }) => {
    return inFile(path, grant({ id: path, happenedAt: hoursBefore(60) }), ownAct);
  };
  const ended = (hours: number) => grant({ id: 'end', kind: 'expired', happenedAt: hoursBefore(hours) });
  test.each<[string, ConsentEvent[], string]>([
    ['nothing', [], 'none'],
    ['a withdrawal of nothing is still one', [said], 'revoked'],
    ['a confirmation without a consent is nothing', [confirmed], 'none'],
    ['a consent that was asked about', [asked], 'unconfirmed'],
    ['and confirmed', [asked, confirmed], 'granted'],
    ['and confirmed at the very moment', [again(), { ...confirmed, happenedAt: hoursBefore(60) }], 'granted'],
    ['and whose confirmation was of an earlier one', [again(), { ...confirmed, happenedAt: hoursBefore(61) }], 'unconfirmed'],
    ['and confirmed after it was withdrawn', [asked, said, confirmed], 'revoked'],
    ['one given again that waits to be confirmed', [said, again()], 'unconfirmed'],
    ['and was', [said, again(), confirmed], 'granted'],
    ['and lapsed before it was', [said, again({ expiresAt: NOON })], 'revoked'],
    ['a withdrawal at the very moment of the consent wins', [again({ confirmation: 'none' }), withdrawal({ happenedAt: hoursBefore(60) })], 'revoked'],
    ['over several of them', [
      again({ id: 'a', confirmation: 'none' }), withdrawal({ id: 'b', happenedAt: hoursBefore(60) }), again({ id: 'c', confirmation: 'none' }),
    ], 'revoked'],
    ['one that a reminder ran out on', [asked, ended(1)], 'expired'],
    ['one that ran out though others are on record', [grant({ happenedAt: hoursBefore(80) }), { ...confirmed, happenedAt: hoursBefore(70) }, ended(1)], 'expired'],
    ['one that ran out at the very moment of its grant', [grant({ happenedAt: hoursBefore(3) }), ended(3)], 'expired'],
    ['one given after that', [ended(3), grant({ happenedAt: hoursBefore(2) })], 'granted'],
    ['one carried in after an explicit one ended a withdrawal', [
      said, grant({ id: 'own', happenedAt: hoursBefore(80), expiresAt: hoursBefore(70) }), grant({ carried: true, happenedAt: hoursBefore(60) }),
    ], 'granted'],
    ['one that another system says was the person’s own act, against a withdrawal here', [said, fromFile('a', { ownAct: true })], 'revoked'],
    ['and against one of the same file', [inFile('a', said), fromFile('a', { ownAct: true })], 'granted'],
    ['and against one that had come to that system in a file', [inFile('a/b', said), fromFile('a', { ownAct: true })], 'granted'],
    ['one that had come to that system in a file, against one of that system', [inFile('a', said), fromFile('a/b', { ownAct: true })], 'revoked'],
    ['one whose file begins like another', [inFile('ab', said), fromFile('a', { ownAct: true })], 'revoked'],
    ['one that only came along there', [inFile('a', said), fromFile('a', { ownAct: false })], 'revoked'],
    ['one of a file, against withdrawals of that file and of here', [inFile('a', said), { ...said, id: 'here' }, fromFile('a', { ownAct: true })], 'revoked'],
    ['one given here, against a withdrawal of a file', [inFile('a', said), grant({ happenedAt: hoursBefore(60) })], 'granted'],
    ['one asked about here, confirmed by a file', [again(), inFile('a', confirmed)], 'unconfirmed'],
    ['one asked about in a file, confirmed by that file', [inFile('a', again()), inFile('a', confirmed)], 'granted'],
    ['one asked about in a file, confirmed by another', [inFile('a', again()), inFile('b', confirmed)], 'unconfirmed'],
    ['one asked about in a file, confirmed here', [inFile('a', again()), confirmed], 'granted'],
    ['an annulled one', [grant(), grant({ id: 'rpo', kind: 'annulled', happenedAt: hoursBefore(100) })], 'revoked'],
    ['one carried in after a register annulled, though the person had said no', [
      said, grant({ id: 'rpo', kind: 'annulled', happenedAt: hoursBefore(90) }), grant({ carried: true, happenedAt: hoursBefore(60) }),
    ], 'revoked'],
  ])('%s', (_, events, wanted) => {
    expect(foldConsent(events, 'call', 'marketing', NOON).state).toBe(wanted);
    expect(foldConsent(events.toReversed(), 'call', 'marketing', NOON).state).toBe(wanted);
  });

  test('lists what happened at the same instant in one order, whichever arrived first', () => {
    const same = ['b', 'a', 'd', 'c'].map((id) => grant({ id, happenedAt: hoursBefore(60) }));
    for (const events of [same, same.toReversed(), same.toSorted(), [...same.slice(2), ...same.slice(0, 2)]]) {
      expect(foldConsent(events, 'call', 'marketing', NOON).events.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    }
  });

  test('a withdrawal wins over every earlier consent, whatever its scope covers, and cascades down', () => {
    fc.assert(fc.property(consents, purposes, purposes, channels, (ledger, wide, asked, channel) => {
      const last = withdrawal({ id: 'last', channel, purpose: wide, happenedAt: later(1) });
      const { state, grants } = foldConsent([...ledger, last], channel, asked, later(2));
      if (!covers(wide, asked)) expect(state).toBe(foldConsent(ledger, channel, asked, later(2)).state);
      else expect({ state, grants }).toEqual({ state: 'revoked', grants: [] });
    }), RUNS);
  });

  test('a grant restores exactly its own channel and purpose', () => {
    fc.assert(fc.property(purposes, purposes, channels, channels, (given, asked, channel, askedChannel) => {
      const everything = withdrawal({ channel: 'all', purpose: 'all' });
      const again = grant({ channel, purpose: given, happenedAt: hoursBefore(1) });
      const { state } = foldConsent([again, everything], askedChannel, asked, NOON);
      expect(state).toBe(given === asked && channel === askedChannel ? 'granted' : 'revoked');
    }), RUNS);
  });

  test('a consent is lapsed at its end itself', () => {
    fc.assert(fc.property(fc.integer({ min: -5, max: 5 }), (after) => {
      const { state } = foldConsent([grant({ expiresAt: NOON })], 'call', 'marketing', later(after));
      expect(state).toBe(after < 0 ? 'granted' : 'expired');
    }));
  });
});

describe('a whole ledger', () => {
  test.each<[string, ConsentEvent[], string]>([
    ['in which everything is withdrawn a moment from now has nothing yet', [withdrawal({ channel: 'all', purpose: 'all', happenedAt: later(1) })], 'none'],
    ['in which everything is withdrawn at this very moment is revoked', [withdrawal({ channel: 'all', purpose: 'all', happenedAt: NOON })], 'revoked'],
    ['with a confirmation of nothing has nothing', [grant({ kind: 'confirmed' })], 'none'],
    ['is expired rather than revoked where both happened', [withdrawal({ channel: 'sms' }), grant({ expiresAt: NOON })], 'expired'],
  ])('%s', (_, ledger, wanted) => {
    expect(consentState(ledger, NOON)).toBe(wanted);
  });

  test('names each channel and purpose once, and nothing that reaches all of them', () => {
    const wide = [withdrawal({ channel: 'all' }), withdrawal({ purpose: 'all', channel: 'email' }), withdrawal({ channel: 'all', purpose: 'all' })];
    expect(consentScopes([grant(), ...wide, grant({ channel: 'sms' }), withdrawal()])).toEqual([
      { channel: 'call', purpose: 'marketing' }, { channel: 'sms', purpose: 'marketing' },
    ]);
  });
});
