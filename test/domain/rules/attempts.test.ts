import { describe, expect, test } from '@jest/globals';
import type { Contact } from '../../../domain/contact.ts';
import type { RuleValues } from '../../../domain/policy.ts';
import { DEFAULT_SETTINGS } from '../../../domain/settings.ts';
import { NOON, ask, codes, contact, dated, grant, hoursBefore, instant, page, type Asked } from '../gate-facts.ts';

type Scope = RuleValues['attempt_cap']['scope'];
const cap = (count: number, window: string, scope: Scope) => ({ attempt_cap: [dated({ count, window, scope })] });
const florida = page('US-FL', cap(3, 'PT24H', 'subject_matter'));
const france = page('FR', cap(4, 'PT720H', 'seller'));
const china = page('CN', cap(3, 'PT168H', 'number'));

/** Failed calls so many hours ago. */
const calls = (hours: readonly number[], changes: Partial<Contact> = {}) => {
  return hours.map((ago) => contact({ id: `call-${ago}`, startedAt: hoursBefore(ago), ...changes }));
};
const after = (contacts: readonly Contact[], changes: Asked = {}): Asked => {
  return { ...changes, facts: { contacts, ...changes.facts } };
};
const SECOND = 1 / 3600;

describe('caps of the law roll with the clock', () => {
  test.each<[string, Asked, string[]]>([
    ['two calls leave a third', after(calls([20, 10])), []],
    ['three do not', after(calls([20, 10, 5])), ['attempt_cap']],
    ['a call 24 hours and a second ago has left the day', after(calls([24 + SECOND, 10, 5])), []],
    ['a call exactly 24 hours ago has left it too', after(calls([24, 10, 5])), []],
    ['a call a second less ago has not', after(calls([24 - SECOND, 10, 5])), ['attempt_cap']],
    ['midnight means nothing', after(calls([16, 14, 11])), ['attempt_cap']],
    ['text messages count', after(calls([20, 10, 5], { channel: 'sms' })), ['attempt_cap']],
    ['and are counted', after(calls([20, 10, 5]), { question: { channel: 'sms' } }), ['attempt_cap']],
    ['e-mail does not count', after(calls([20, 10, 5], { channel: 'email' })), []],
    ['nor is it counted', after(calls([20, 10, 5]), { question: { channel: 'email' } }), []],
    ['another seller has calls of its own', after(calls([20, 10, 5], { seller: 'globex' })), []],
    ['a call of which nobody knows for whom counts for all', after(calls([20, 10, 5], { seller: null })), ['attempt_cap']],
    ['another purpose has calls of its own', after(calls([20, 10, 5], { purpose: 'survey' })), []],
    ['a part of the purpose has not', after(calls([20, 10, 5], { purpose: 'marketing.own' })), ['attempt_cap']],
    ['a new campaign buys no calls', after(calls([20, 10, 5], { campaign: 'winter' })), ['attempt_cap']],
    ['a call a millisecond from now has not happened', after([...calls([20, 10]), contact({ id: 'next', startedAt: new Date(NOON.getTime() + 1) })]), []],
    ['a call that begins at this very moment counts', after([...calls([20, 10]), contact({ id: 'now', startedAt: NOON, endedAt: hoursBefore(-1) })]), ['attempt_cap']],
  ])('%s', (_, asked, wanted) => {
    expect(codes({ policies: [florida], settings: { caps: [], cooldown: {} }, ...asked })).toStrictEqual(wanted);
  });

  test.each<[string, Asked, string[]]>([
    ['France counts by seller, over all purposes', after(calls([700, 500, 300, 100], { purpose: 'survey' }), { policies: [france] }), ['attempt_cap']],
    ['France does not count another seller', after(calls([700, 500, 300, 100], { seller: 'globex' }), { policies: [france] }), []],
    ['720 hours ago is 30 days ago', after(calls([720, 500, 300, 100]), { policies: [france] }), []],
    ['China counts by number, whoever calls', after(calls([160, 100, 50], { seller: 'globex', purpose: 'survey' }), { policies: [china] }), ['attempt_cap']],
    ['168 hours ago is a week ago', after(calls([168, 100, 50]), { policies: [china] }), []],
    ['every cap that is reached is a reason', after(calls([20, 10, 5]), { policies: [florida, china] }), ['attempt_cap', 'attempt_cap']],
  ])('%s', (_, asked, wanted) => {
    expect(codes({ settings: { caps: [], cooldown: {} }, ...asked })).toStrictEqual(wanted);
  });

  test('the reason ends when enough calls have left the window', () => {
    const asked = after(calls([20, 10, 5, 1]), { policies: [florida], settings: { caps: [], cooldown: {} } });
    expect(ask(asked)).toMatchObject({
      decision: 'deny',
      notBefore: hoursBefore(10 - 24),
      reasons: [{
        code: 'attempt_cap', jurisdiction: 'US-FL', rule: 'attempt_cap', source: 'Act 1', notBefore: hoursBefore(10 - 24),
        facts: ['contact:call-1', 'contact:call-5', 'contact:call-10', 'contact:call-20'],
      }],
      checked: { attempts: [{ jurisdiction: 'US-FL', window: 'PT24H', count: 4, cap: 3 }] },
    });
  });

  test('the order in which calls were reported does not matter', () => {
    const shuffled = after(calls([5, 20, 1, 10]), { policies: [florida], settings: { caps: [], cooldown: {} } });
    expect(ask(shuffled)).toMatchObject({ notBefore: hoursBefore(10 - 24) });
  });
});

describe('caps of the company', () => {
  const month = [29, 26, 23, 20, 17, 14, 11, 8].map((days) => days * 24);
  test.each<[string, Asked, string[]]>([
    ['two calls in a day leave a third', after(calls([20, 10])), []],
    ['three in a day are enough', after(calls([20, 10, 5])), ['attempt_cap']],
    ['whoever called, for whatever', after(calls([20, 10, 5], { seller: 'globex', purpose: 'service', campaign: 'other' })), ['attempt_cap']],
    ['seven in thirty days leave an eighth', after(calls(month.slice(1))), []],
    ['eight in thirty days are enough', after(calls(month)), ['attempt_cap']],
    ['the eighth, exactly thirty days ago, has left', after(calls([720, ...month.slice(1)])), []],
    ['a cap of none allows none', { settings: { caps: [{ count: 0, window: 'PT24H' }] } }, ['attempt_cap']],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('are reasons of the company', () => {
    expect(ask(after(calls([20, 10, 5]))).reasons).toMatchObject([{ jurisdiction: 'company', source: 'setting caps', notBefore: hoursBefore(-4) }]);
    expect(ask({ settings: { caps: [{ count: 0, window: 'PT24H' }] } })).toMatchObject({ decision: 'deny', notBefore: null });
  });

  test('are on record with what counted against each of them, reached or not', () => {
    expect(ask(after(calls([50, 10]))).checked.attempts).toEqual([
      { jurisdiction: 'company', window: 'PT24H', count: 1, cap: 3 }, { jurisdiction: 'company', window: 'PT720H', count: 2, cap: 8 },
    ]);
  });
});

describe('quiet time', () => {
  const outcome = (kind: Contact['outcome'], endedAt: Date) => [contact({ outcome: kind, startedAt: endedAt, endedAt })];
  test.each<[string, Contact['outcome'], string, string, string]>([
    ['four hours after nobody answered', 'no_answer', '2027-01-13T10:00:00Z', '2027-01-13T13:59:59.999Z', '2027-01-13T14:00:00.000Z'],
    ['half an hour after a busy line', 'busy', '2027-01-13T16:00:00Z', '2027-01-13T16:29:59Z', '2027-01-13T16:30:00.000Z'],
    ['an hour after a failure', 'failed', '2027-01-13T16:00:00Z', '2027-01-13T16:30:00Z', '2027-01-13T17:00:00.000Z'],
    ['a day after a mailbox is the same time on the wall, an hour less where clocks go forward', 'voicemail',
      '2027-03-13T17:00:00Z', '2027-03-14T15:59:59Z', '2027-03-14T16:00:00.000Z'],
    ['a day after a mailbox, an hour more where clocks go back', 'voicemail', '2027-11-06T16:00:00Z', '2027-11-07T16:30:00Z', '2027-11-07T17:00:00.000Z'],
    ['72 hours after an abandoned call are exact', 'abandoned', '2027-03-12T17:00:00Z', '2027-03-15T16:59:59Z', '2027-03-15T17:00:00.000Z'],
    ['a week after an answer', 'answered', '2027-01-13T16:00:00Z', '2027-01-20T15:59:59Z', '2027-01-20T16:00:00.000Z'],
    ['thirty days after a conversion', 'converted', '2027-01-13T16:00:00Z', '2027-02-01T12:00:00Z', '2027-02-12T16:00:00.000Z'],
    ['a year after a refusal', 'refused', '2027-01-13T16:00:00Z', '2028-01-13T15:59:59Z', '2028-01-13T16:00:00.000Z'],
    ['a year after a refusal on a leap day ends on 28 February', 'refused', '2028-02-29T16:00:00Z', '2029-02-28T15:59:59Z', '2029-02-28T16:00:00.000Z'],
    ['a refusal after New Year\'s Eve in New York, by its own calendar', 'refused', '2028-03-01T02:00:00Z', '2029-02-28T12:00:00Z', '2029-03-01T02:00:00.000Z'],
  ])('%s', (_, kind, endedAt, at, end) => {
    const facts = { contacts: outcome(kind, instant(endedAt)) };
    const settings = { sources: { other: { usableFor: 'P10Y' } } };
    expect(ask({ facts, at, settings })).toMatchObject({
      reasons: [{ code: 'cooldown', effect: 'deny', jurisdiction: 'company', source: `setting cooldown.${kind}`, facts: ['contact:contact'] }],
    });
    expect(ask({ facts, at, settings }).notBefore?.toISOString()).toBe(end);
    expect(codes({ facts, at: end, settings })).toStrictEqual([]);
  });

  test.each<[string, Asked, string[]]>([
    ['counts from the end of a call, not its start', after([contact({ startedAt: hoursBefore(1.5), endedAt: hoursBefore(0.5) })]), ['cooldown']],
    ['begins at the very moment at which a call ends', after([contact({ startedAt: hoursBefore(0.1), endedAt: NOON })]), ['cooldown']],
    ['does not run while the call still lasts', after([contact({ startedAt: hoursBefore(0.1), endedAt: hoursBefore(-1) })]), []],
    ['binds e-mail', after(outcome('no_answer', hoursBefore(1)), { question: { channel: 'email' } }), ['cooldown']],
    ['comes from e-mail', after([contact({ channel: 'email', outcome: 'refused', startedAt: hoursBefore(50) })]), ['cooldown']],
    ['binds whoever calls', after(outcome('no_answer', hoursBefore(1)), { question: { seller: 'globex', campaign: 'other' } }), ['cooldown']],
    ['of the law stands beside the company\'s own', after(outcome('refused', hoursBefore(100)), {
      policies: [page('FR', { cooldown: [dated({ after: 'refused', period: 'P60D' })] })],
    }), ['cooldown', 'cooldown']],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('of the law names it, and the contact that it follows', () => {
    const france = page('FR', { cooldown: [dated({ after: 'refused', period: 'P60D' })] });
    expect(ask(after(outcome('refused', hoursBefore(24)), { policies: [france], settings: { cooldown: {} } })).reasons).toEqual([{
      code: 'cooldown', effect: 'deny', jurisdiction: 'FR', rule: 'cooldown', source: 'Act 1', confidence: 'primary',
      notBefore: instant('2027-03-13T17:00:00Z'), facts: ['contact:contact'],
    }]);
  });

  test('with several zones lasts until the last of their walls', () => {
    const facts = { contacts: outcome('voicemail', instant('2027-03-13T18:00:00Z')) };
    const lead = { zones: ['America/New_York', 'America/Phoenix'] };
    expect(ask({ facts, lead, at: '2027-03-14T16:00:00Z' }).notBefore).toEqual(instant('2027-03-14T18:00:00Z'));
  });

  test('waits for the last of several calls', () => {
    const contacts = [contact({ id: 'a', outcome: 'no_answer', startedAt: hoursBefore(3) }), contact({ id: 'b', outcome: 'no_answer', startedAt: hoursBefore(1) })];
    expect(ask({ facts: { contacts } })).toMatchObject({ notBefore: hoursBefore(-3), reasons: [{ facts: ['contact:a', 'contact:b'] }] });
  });

  describe('without an end', () => {
    const silence = page('CN', { cooldown: [dated({ after: 'refused', period: null })] });
    const settings = { cooldown: {}, sources: DEFAULT_SETTINGS.sources };
    test.each<[string, Partial<Parameters<typeof grant>[0]> | null, string[]]>([
      ['lasts', null, ['cooldown']],
      ['is not ended by a consent from before', { happenedAt: hoursBefore(101) }, ['cooldown']],
      ['is not ended by one of the same instant', { happenedAt: hoursBefore(100) }, ['cooldown']],
      ['is ended by a later consent', { happenedAt: hoursBefore(99) }, []],
      ['is not ended by one that an import carried in', { happenedAt: hoursBefore(99), carried: true }, ['cooldown']],
      ['is not ended by one that lapsed again', { happenedAt: hoursBefore(99), expiresAt: hoursBefore(1) }, ['cooldown']],
    ])('%s', (_, given, wanted) => {
      const asked = after(outcome('refused', hoursBefore(100)), {
        policies: [silence], settings, facts: { consents: given ? [grant(given)] : [] },
      });
      expect(codes(asked)).toStrictEqual(wanted);
      if (wanted.length > 0) expect(ask(asked)).toMatchObject({ notBefore: null, reasons: [{ notBefore: null, facts: ['contact:contact'] }] });
    });
  });
});
