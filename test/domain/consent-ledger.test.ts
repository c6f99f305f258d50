import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CHANNELS, PURPOSES, covers } from '../../domain/consent.ts';
import { foldConsent } from '../../domain/consent-ledger.ts';
import { consents } from './gate-arbitraries.ts';
import { NOON, grant, hoursBefore, withdrawal } from './gate-facts.ts';

const RUNS = { seed: 20_261_124, numRuns: 500 };
const purposes = fc.constantFrom(...PURPOSES);
const channels = fc.constantFrom(...CHANNELS);
const later = (milliseconds: number) => new Date(NOON.getTime() + milliseconds);
const stateOf = (...events: Parameters<typeof foldConsent>[0]) => foldConsent(events, 'call', 'marketing', NOON).state;

describe('one channel and purpose of a ledger', () => {
  const asked = grant({ confirmation: 'double_opt_in' });
  const confirmed = grant({ id: 'yes', kind: 'confirmed', happenedAt: hoursBefore(50) });
  const said = withdrawal({ happenedAt: hoursBefore(100) });
  test.each([
    ['nothing', stateOf(), 'none'],
    ['a withdrawal of nothing is still one', stateOf(said), 'revoked'],
    ['a confirmation without a consent is nothing', stateOf(confirmed), 'none'],
    ['a consent that was asked about', stateOf(asked), 'unconfirmed'],
    ['and confirmed', stateOf(asked, confirmed), 'granted'],
    ['and confirmed after it was withdrawn', stateOf(asked, said, confirmed), 'revoked'],
    ['one given again that waits to be confirmed', stateOf(said, grant({ confirmation: 'double_opt_in', happenedAt: hoursBefore(60) })), 'unconfirmed'],
    ['and was', stateOf(said, grant({ confirmation: 'double_opt_in', happenedAt: hoursBefore(60) }), confirmed), 'granted'],
    ['and lapsed before it was', stateOf(said, grant({ confirmation: 'double_opt_in', happenedAt: hoursBefore(60), expiresAt: NOON })), 'revoked'],
    ['one that a reminder ran out on', stateOf(asked, grant({ id: 'end', kind: 'expired', happenedAt: hoursBefore(1) })), 'expired'],
    ['one given after that', stateOf(grant({ id: 'end', kind: 'expired', happenedAt: hoursBefore(3) }), grant({ happenedAt: hoursBefore(2) })), 'granted'],
    ['one carried in after an explicit one ended a withdrawal', stateOf(
      said, grant({ id: 'own', happenedAt: hoursBefore(80), expiresAt: hoursBefore(70) }), grant({ carried: true, happenedAt: hoursBefore(60) }),
    ), 'granted'],
    ['an annulled one', stateOf(grant(), grant({ id: 'rpo', kind: 'annulled', happenedAt: hoursBefore(100) })), 'revoked'],
    ['one carried in after a register annulled, though the person had said no', stateOf(
      said, grant({ id: 'rpo', kind: 'annulled', happenedAt: hoursBefore(90) }), grant({ carried: true, happenedAt: hoursBefore(60) }),
    ), 'revoked'],
  ])('%s', (_, state, wanted) => {
    expect(state).toBe(wanted);
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
