import { describe, expect, test } from '@jest/globals';
import { outlook } from '../../domain/decide.ts';
import type { RuleValues } from '../../domain/policy.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import {
  NOON, ask, asking, contact, dated, gateFacts, grant, hoursBefore, instant, listState, page, relationship, suppression,
  withdrawal, type Asked,
} from './gate-facts.ts';

const daily = (start: number, end: number): RuleValues['call_window']['hours'] => {
  return Object.fromEntries(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].map((day) => [day, [[start * 60, end * 60]]]));
};
const hours = (changes: Partial<RuleValues['call_window']> = {}) => {
  return dated<RuleValues['call_window']>({ hours: daily(8, 21), closedOnHolidays: false, dialing: 'any', ...changes });
};
const federal = page('US', { call_window: [hours()] });
/** Closed for longer than anybody looks ahead, and open again in May. */
const untilMay = page('US', { call_window: [{ ...hours({ hours: {} }), to: '2027-05-01' }] });
const unanswered = (endedAt: Date) => contact({ outcome: 'no_answer', startedAt: endedAt });
const EVENING = instant('2027-01-14T01:30:00Z');

describe('when an answer may be asked for again', () => {
  test.each<[string, Asked, string | null]>([
    ['at no other time than now, when it is allow', {}, null],
    ['when quiet time ends in the middle of the day', { policies: [federal], facts: { contacts: [unanswered(hoursBefore(1))] } }, '2027-01-13T20:00:00.000Z'],
    ['in the morning after quiet time has ended at night', {
      policies: [federal], at: EVENING, facts: { contacts: [unanswered(EVENING)] },
    }, '2027-01-14T13:00:00.000Z'],
    ['at nine sharp in the evening, quiet time ends into closed hours', {
      policies: [federal], facts: { contacts: [unanswered(instant('2027-01-13T22:00:00Z'))] }, at: '2027-01-13T23:00:00Z',
    }, '2027-01-14T13:00:00.000Z'],
    ['never, while something stands beside it that time does not cure', {
      policies: [federal], facts: { contacts: [unanswered(hoursBefore(1))], suppressions: [suppression()] },
    }, null],
    ['never, while no caller is allowed any attempt, however soon the quiet time ends', {
      facts: { contacts: [unanswered(hoursBefore(1))] }, settings: { caps: [{ count: 0, window: 'PT24H' }] },
    }, null],
    ['nobody can say where the hours have no end in sight, though a quiet time would outlast them', {
      policies: [untilMay], facts: { contacts: [contact({ outcome: 'refused', startedAt: hoursBefore(1) })] },
    }, null],
    ['in the morning, whatever consent the person gives at night', {
      policies: [page('US', { call_window: [hours({ liftedBy: 'express' })] })], at: EVENING,
      facts: { contacts: [unanswered(EVENING)], consents: [grant({ happenedAt: instant('2027-01-14T04:00:00Z') })] },
    }, '2027-01-14T13:00:00.000Z'],
    ['at night, where the person had consented to that before', {
      policies: [page('US', { call_window: [hours({ liftedBy: 'express' })] })], at: EVENING,
      facts: { contacts: [unanswered(EVENING)], consents: [grant()] },
    }, '2027-01-14T05:30:00.000Z'],
  ])('%s', (_, asked, wanted) => {
    expect(ask(asked).notBefore?.toISOString() ?? null).toBe(wanted);
  });
});

describe('what an answer stands on', () => {
  test('is every consent event of the channel and purpose, in the order in which they happened', () => {
    const consents = [withdrawal(), grant(), grant({ id: 'sms', channel: 'sms' }), grant({ id: 'survey', purpose: 'survey' })];
    expect(ask({ facts: { consents } }).checked.consents).toEqual(['grant', 'withdrawal']);
  });

  test('is no consent event that only the law makes of an entry in a register', () => {
    const annulling = page('IT', { registry_effect: [dated({ list: 'it-rpo', effect: 'annul_consent', channels: ['call'] })] });
    const lists = [listState({ list: 'it-rpo', jurisdiction: 'IT', listedSince: hoursBefore(100) })];
    const { reasons, checked } = ask({ policies: [annulling], lead: { jurisdictions: ['IT'] }, facts: { lists, consents: [grant()] } });
    expect(reasons.map(({ code }) => code)).toEqual(['consent_revoked', 'dnc_listed']);
    expect(checked.consents).toEqual(['grant']);
  });

  test('is the clocks of the number, and nothing of what came later', () => {
    const relationships = [relationship({ at: NOON })];
    const facts = { consents: [withdrawal()], suppressions: [suppression()], contacts: [contact()], relationships };
    const { decision, reasons, checked } = ask({ facts, at: '2027-01-05T17:00:00Z', lead: { zones: ['America/Chicago', 'America/New_York'] } });
    expect({ decision, reasons }).toEqual({ decision: 'allow', reasons: [] });
    expect(checked).toEqual({
      lists: [], consents: [], zones: ['America/Chicago', 'America/New_York'],
      attempts: [{ jurisdiction: 'company', window: 'PT24H', count: 0, cap: 3 }, { jurisdiction: 'company', window: 'PT720H', count: 0, cap: 8 }],
    });
  });
});

describe('an outlook', () => {
  const seen = ({ policies = [], facts = {}, at = NOON }: Asked) =>
    outlook(asking(), gateFacts({}, facts), { policies, settings: DEFAULT_SETTINGS }, new Date(at));

  test('of a lead that may be called at any hour begins now', () => {
    expect(seen({ facts: { consents: [grant()] } })).toEqual({ reasons: [], anyHourFrom: NOON, from: NOON, grants: [grant()] });
  });

  test('leaves the hours out of its reasons, and waits for them with the call', () => {
    expect(seen({ policies: [federal], at: '2027-01-14T03:00:00Z' })).toEqual({
      reasons: [], anyHourFrom: instant('2027-01-14T03:00:00Z'), from: instant('2027-01-14T13:00:00Z'), grants: [],
    });
  });

  test('waits for quiet time at any hour, and then for the hours', () => {
    const { reasons, anyHourFrom, from } = seen({ policies: [federal], at: EVENING, facts: { contacts: [unanswered(EVENING)] } });
    expect(reasons.map(({ code }) => code)).toEqual(['cooldown']);
    expect([anyHourFrom, from]).toEqual([instant('2027-01-14T05:30:00Z'), instant('2027-01-14T13:00:00Z')]);
  });

  test('has no beginning while something stands that time does not cure', () => {
    const facts = { suppressions: [suppression()], contacts: [unanswered(hoursBefore(1))] };
    const { reasons, anyHourFrom, from, grants } = seen({ facts });
    expect(reasons.map(({ code }) => code)).toEqual(['suppressed', 'cooldown']);
    expect([anyHourFrom, from, grants]).toEqual([null, null, []]);
  });
});
