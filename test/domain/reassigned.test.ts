import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GateFacts } from '../../domain/clearance.ts';
import { answerGoodUntil, dayToAskAbout, isSomebodyElses, isToBeAsked, lastKnownGood, latestReports } from '../../domain/reassigned.ts';
import { anyFacts, askedAt } from './gate-arbitraries.ts';
import { acquisition, contact, dated, gateFacts, grant, instant, NOON, page, withdrawal } from './gate-facts.ts';

const CHECK = { database: 'RND', reportedOn: 15 };
const US = [page('US', { reassigned_check: [dated(CHECK)] })];
const LATER = instant('2027-01-08T03:00:00Z');

/** Given on 1 January, with whatever else happened. */
const facts = (changes: Partial<GateFacts> = {}, lead: Partial<NonNullable<GateFacts['lead']>> = {}) => gateFacts(lead, changes);
const answered = (answer: 'yes' | 'no' | 'no_data', at: string, knownGoodAt: Date | null = null) =>
  ({ reassigned: { id: 'answer', answer, askedAt: instant(at), knownGoodAt } });

describe('the last moment at which a number is known to have been the person’s', () => {
  const given = instant('2027-01-01T12:00:00Z');
  it.each<[string, Partial<GateFacts>, Date | null]>([
    ['is when they gave it', {}, given],
    ['or gave it last', { acquisitions: [acquisition({ id: 'b', acquiredAt: LATER }), acquisition()] }, LATER],
    ['is not known of a number that nobody gave', { acquisitions: [] }, null],
    ['is when they agreed to calls', { consents: [grant({ happenedAt: LATER })] }, LATER],
    ['is when they agreed to messages', { consents: [grant({ happenedAt: LATER, channel: 'sms' })] }, LATER],
    ['is when they confirmed that', { consents: [grant({ kind: 'confirmed', happenedAt: LATER })] }, LATER],
    ['is not when they agreed to e-mail', { consents: [grant({ happenedAt: LATER, channel: 'email' })] }, given],
    ['is not when a consent came in that waits for a person', { consents: [grant({ happenedAt: LATER, effect: 'waiting' })] }, given],
    ['is not when somebody withdrew it', { consents: [withdrawal({ happenedAt: LATER })] }, given],
    ['is when they were spoken with', { contacts: [contact({ startedAt: LATER, outcome: 'answered' })] }, LATER],
    ['is when they bought', { contacts: [contact({ startedAt: LATER, outcome: 'converted' })] }, LATER],
    ['is not when they answered a mail', { contacts: [contact({ startedAt: LATER, outcome: 'answered', channel: 'email' })] }, given],
    ...(['no_answer', 'busy', 'voicemail', 'failed', 'abandoned', 'refused', 'opted_out', 'complaint', 'wrong_number'] as const)
      .map((outcome): [string, Partial<GateFacts>, Date] => [`is not a call that ended as ${outcome}`, { contacts: [contact({ startedAt: LATER, outcome })] }, given]),
    ['is not a moment that is still to come', { consents: [grant({ happenedAt: new Date(NOON.getTime() + 1) })] }, given],
  ])('%s', (_, changes, wanted) => {
    expect(lastKnownGood(facts(changes), NOON)).toEqual(wanted);
  });
});

describe('the day that a database is asked about', () => {
  it.each<[string, GateFacts, string, string | null]>([
    ['is that of the last moment', facts(), '2027-01-13T17:00:00Z', '2027-01-01'],
    ['is a local day', facts({ acquisitions: [acquisition({ acquiredAt: LATER })] }), '2027-01-13T17:00:00Z', '2027-01-07'],
    ['is the earliest of all zones', facts({ acquisitions: [acquisition({ acquiredAt: instant('2027-01-08T06:00:00Z') })] }, { zones: ['America/New_York', 'America/Los_Angeles'] }),
      '2027-01-13T17:00:00Z', '2027-01-07'],
    ['is never later than the day in UTC', facts({ acquisitions: [acquisition({ acquiredAt: instant('2027-01-07T20:00:00Z') })] }, { zones: ['Asia/Tokyo'] }),
      '2027-01-13T17:00:00Z', '2027-01-07'],
    ['is one of UTC for a number without zones', facts({}, { zones: [] }), '2027-01-13T17:00:00Z', '2027-01-01'],
    ['is yesterday for what was given today', facts({ acquisitions: [acquisition({ acquiredAt: instant('2027-01-13T16:00:00Z') })] }), '2027-01-13T17:00:00Z', '2027-01-12'],
    ['there is none for a number that nobody gave', facts({ acquisitions: [] }), '2027-01-13T17:00:00Z', null],
    ['there is none before anybody gave the number', facts({ acquisitions: [acquisition({ acquiredAt: LATER })] }), '2027-01-08T02:59:59Z', null],
  ])('%s', (_, known, at, wanted) => {
    expect(dayToAskAbout(known, instant(at))).toBe(wanted);
  });

  it('is before today, and no later than anything that is known, whatever happened', () => {
    fc.assert(fc.property(anyFacts, askedAt, (known, at) => {
      const day = dayToAskAbout(known, at);
      const good = lastKnownGood(known, at);
      if (day === null || good === null) return day === good;
      return day < at.toISOString().slice(0, 10) && instant(day) <= good;
    }));
  });
});

describe('an answer', () => {
  it.each([
    ['of the day before the reports', '2026-12-14T00:00:00Z', '2026-12-16T12:00:00Z'],
    ['while the day of the reports is not over everywhere', '2026-12-16T11:59:59.999Z', '2026-12-16T12:00:00Z'],
    ['of the moment at which it is', '2026-12-16T12:00:00Z', '2027-01-16T12:00:00Z'],
    ['of the end of January', '2027-01-31T23:00:00Z', '2027-02-16T12:00:00Z'],
    ['of a leap day', '2028-02-29T12:00:00Z', '2028-03-16T12:00:00Z'],
  ])('%s rests on the latest reports until the next', (_, at, until) => {
    expect(answerGoodUntil({ askedAt: instant(at) }, [CHECK])).toEqual(instant(until));
  });

  it('never grows old where the law names no day of reports', () => {
    expect(answerGoodUntil({ askedAt: NOON }, [{ database: 'RND' }])).toBeNull();
    expect(latestReports([{ database: 'RND' }], NOON)).toBeNull();
  });

  it('grows old at the latest reports of any later moment, and within 31 days', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 41 }), (ms) => {
      const until = answerGoodUntil({ askedAt: new Date(ms) }, [CHECK]) as Date;
      const last = latestReports([CHECK], new Date(ms)) as Date;
      expect(until.getTime()).toBeGreaterThan(ms);
      expect(until.getTime() - ms).toBeLessThanOrEqual(31 * 86_400_000);
      expect(last.getTime()).toBeLessThanOrEqual(ms);
      expect(latestReports([CHECK], until)).toEqual(until);
      expect(latestReports([CHECK], new Date(until.getTime() - 1))).toEqual(last);
    }));
  });
});

describe('a database is asked', () => {
  const again = [acquisition(), acquisition({ id: 'b', acquiredAt: instant('2027-01-10T00:00:00Z') })];
  it.each<[string, Partial<GateFacts>, boolean]>([
    ['where nobody asked yet', {}, true],
    ['not after a no on the latest reports', answered('no', '2027-01-05T00:00:00Z'), false],
    ['not after no data on them: it would be the same again', answered('no_data', '2027-01-05T00:00:00Z'), false],
    ['after a no of before them', answered('no', '2026-12-16T11:59:59Z'), true],
    ['after no data of before them', answered('no_data', '2026-12-16T11:59:59Z'), true],
    ['not after a yes, however old', answered('yes', '2027-01-02T00:00:00Z'), false],
    ['where the person gave the number after a yes', { ...answered('yes', '2027-01-05T00:00:00Z'), acquisitions: again }, true],
    ['where it was asked about a day on which nothing was known of the number', answered('no', '2027-01-05T00:00:00Z', instant('2027-01-03T00:00:00Z')), true],
    ['not where it was asked about a day on which it was', answered('no', '2027-01-05T00:00:00Z', instant('2027-01-01T00:00:00Z')), false],
  ])('%s', (_, changes, wanted) => {
    expect(isToBeAsked(facts(changes), US, NOON)).toBe(wanted);
  });

  it('nowhere where the law names none', () => {
    expect(isToBeAsked(facts(), [page('GB', {})], NOON)).toBe(false);
  });

  it('never about a number that is known to be somebody else’s', () => {
    const old = facts({ ...answered('yes', '2027-01-02T00:00:00Z') });
    expect([isSomebodyElses(old), isToBeAsked(old, US, instant('2029-01-01T00:00:00Z'))]).toEqual([true, false]);
  });
});
