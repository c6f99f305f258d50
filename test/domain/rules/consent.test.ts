import { describe, expect, test } from '@jest/globals';
import type { RuleValues } from '../../../domain/policy.ts';
import { NOON, ask, codes, dated, grant, hoursBefore, instant, page, relationship, withdrawal, type Asked } from '../gate-facts.ts';

function required(changes: Partial<RuleValues['consent_required']> = {}) {
  return dated({ channels: ['call', 'sms'], purposes: ['marketing'], grade: 'express', ...changes } satisfies RuleValues['consent_required']);
}

const germany = page('DE', { consent_required: [required()] });
const robots = page('US-FL', { consent_required: [required({ dialing: ['prerecorded'] })] });
const contract = { kind: 'contract', period: null, instead: 'consent' } as const;
const france = page('FR', { consent_required: [required()], relationship_exemption: [dated(contract)] });
const india = page('IN', { consent_required: [required({ method: 'dca' })] });
const voices = page('US', { consent_required: [required({ channels: ['call'], grade: 'express_written', dialing: ['prerecorded', 'ai_voice'] })] });
const everything = page('US', {
  optout_scope: [dated({ reaches: 'as_said' }, { to: '2027-01-31' }), dated({ reaches: 'everything' }, { from: '2027-01-31' })],
});

const having = (...consents: ReturnType<typeof grant>[]) => ({ facts: { consents } });

describe('where a consent is required', () => {
  test.each<[string, Asked, string[]]>([
    ['none is missing', {}, ['consent_missing']],
    ['an express one is enough', having(grant()), []],
    ['a written one too', having(grant({ grade: 'express_written' })), []],
    ['an implied one is too weak', having(grant({ grade: 'implied' })), ['consent_grade']],
    ['one good one among weak ones is enough', having(grant({ id: 'a', grade: 'implied' }), grant()), []],
    ['one for another channel is none', having(grant({ channel: 'sms' })), ['consent_missing']],
    ['one for a narrower purpose is none', having(grant({ purpose: 'marketing.own' })), ['consent_missing']],
    ['one for a wider purpose is none', { ...having(grant()), question: { purpose: 'marketing.own' } }, ['consent_missing']],
    ['a purpose outside the requirement needs none', { question: { purpose: 'service' } }, []],
    ['a channel outside the requirement needs none', { question: { channel: 'email' } }, []],
    ['text messages are inside', { question: { channel: 'sms' } }, ['consent_missing']],
    ['one that lapses at this very moment has lapsed', having(grant({ expiresAt: NOON })), ['consent_expired']],
    ['one that lapses a millisecond later stands', having(grant({ expiresAt: new Date(NOON.getTime() + 1) })), []],
    ['one given at this very moment counts', having(grant({ happenedAt: NOON })), []],
    ['one given a millisecond later is not there yet', having(grant({ happenedAt: new Date(NOON.getTime() + 1) })), ['consent_missing']],
    ['one that waits for its double opt-in is unconfirmed', having(grant({ confirmation: 'double_opt_in' })), ['consent_unconfirmed']],
    ['the confirmation makes it a consent', having(grant({ confirmation: 'double_opt_in' }), grant({ id: 'yes', kind: 'confirmed', happenedAt: hoursBefore(2) })), []],
    ['a withdrawal is one reason, not two', having(grant(), withdrawal()), ['consent_revoked']],
    ['a withdrawal without any grant is one', having(withdrawal()), ['consent_revoked']],
    ['a later grant restores', having(withdrawal(), grant({ happenedAt: hoursBefore(1) })), []],
    ['one carried in with an acquisition does not', having(withdrawal(), grant({ carried: true, happenedAt: hoursBefore(1) })), ['consent_revoked']],
    ['after a wider withdrawal only what was given again is back', {
      ...having(withdrawal({ purpose: 'all', channel: 'all' }), grant({ purpose: 'marketing.own', happenedAt: hoursBefore(1) })),
      question: { purpose: 'marketing.partner' },
    }, ['consent_revoked']],
    ['a new request to confirm does not restore yet', having(withdrawal(), grant({ confirmation: 'double_opt_in', happenedAt: hoursBefore(1) })),
      ['consent_revoked', 'consent_unconfirmed']],
  ])('%s', (_, asked, wanted) => {
    expect(codes({ policies: [germany], ...asked })).toStrictEqual(wanted);
  });

  test('the reason names whose law it is, and the consents that were looked at', () => {
    const { reasons, notBefore, decision } = ask({ policies: [germany], ...having(grant({ grade: 'implied' })) });
    expect({ decision, notBefore }).toEqual({ decision: 'deny', notBefore: null });
    expect(reasons).toEqual([{
      code: 'consent_grade', effect: 'deny', jurisdiction: 'DE', rule: 'consent_required', source: 'Act 1', confidence: 'primary',
      notBefore: null, facts: ['consent:grant'],
    }]);
  });

  test('a withdrawal is a reason of every law that requires a consent, and names the withdrawal', () => {
    const { reasons } = ask({ policies: [germany, page('IN', {}), page('FR', germany.values)], ...having(grant(), withdrawal()) });
    expect(reasons).toEqual(['DE', 'FR'].map((jurisdiction) => ({
      code: 'consent_revoked', effect: 'deny', jurisdiction, rule: 'consent_required', source: 'Act 1', confidence: 'primary',
      notBefore: null, facts: ['consent:withdrawal'],
    })));
  });

  test('a value that stands in for a missing page says so', () => {
    const { reasons } = ask({ policies: [page('JP', germany.values, { isDefault: true })] });
    expect(reasons).toMatchObject([{ code: 'consent_missing', jurisdiction: 'JP', default: true }]);
  });

  test('an unconfirmed value is enforced, and says what it is', () => {
    const { reasons } = ask({ policies: [page('XX', { consent_required: [{ ...required(), confidence: 'unconfirmed' }] })] });
    expect(reasons).toMatchObject([{ code: 'consent_missing', confidence: 'unconfirmed' }]);
  });

  test('every jurisdiction that requires one says so', () => {
    expect(ask({ policies: [germany, india], ...having(grant()) }).reasons).toMatchObject([{ code: 'consent_grade', jurisdiction: 'IN' }]);
    expect(codes({ policies: [germany, india] })).toStrictEqual(['consent_missing', 'consent_missing']);
  });
});

describe('where none is required', () => {
  test.each<[string, Asked, string[]]>([
    ['none is missing', {}, []],
    ['a withdrawal denies all the same', having(withdrawal()), ['consent_revoked']],
    ['a withdrawal of calls leaves text messages', { ...having(withdrawal()), question: { channel: 'sms' } }, []],
    ['a withdrawal of marketing reaches what is below', { ...having(withdrawal()), question: { purpose: 'marketing.own' } }, ['consent_revoked']],
    ['a withdrawal of a part leaves the whole', having(withdrawal({ purpose: 'marketing.own' })), []],
    ['a withdrawal of everything reaches surveys by e-mail', {
      ...having(withdrawal({ purpose: 'all', channel: 'all' })), question: { channel: 'email', purpose: 'survey' },
    }, ['consent_revoked']],
    ['a consent that lapsed was not withdrawn', having(grant({ expiresAt: hoursBefore(1) })), []],
    ['a withdrawal a millisecond from now has not been said', having(withdrawal({ happenedAt: new Date(NOON.getTime() + 1) })), []],
    ['a grant that nobody confirmed does not end a withdrawal', having(withdrawal(), grant({ confirmation: 'double_opt_in', happenedAt: hoursBefore(1) })),
      ['consent_revoked']],
    ['a consent that is on record as annulled is withdrawn', having(grant(), withdrawal({ kind: 'annulled', happenedAt: hoursBefore(1) })),
      ['consent_revoked']],
  ])('%s', (_, asked, wanted) => {
    expect(codes({ policies: [page('US', {})], ...asked })).toStrictEqual(wanted);
  });

  test('the withdrawal is the company\'s own reason', () => {
    expect(ask(having(withdrawal())).reasons).toEqual([{
      code: 'consent_revoked', effect: 'deny', jurisdiction: 'company', rule: 'company', source: 'withdrawal of consent',
      notBefore: null, facts: ['consent:withdrawal'],
    }]);
  });
});

describe('ways of dialing, ways of recording and contracts', () => {
  test.each<[string, Asked, string[]]>([
    ['a call by hand needs no consent', { policies: [voices] }, []],
    ['a recording needs one', { policies: [voices], question: { dialerMode: 'prerecorded' } }, ['consent_missing']],
    ['an artificial voice needs a written one', { policies: [voices], question: { dialerMode: 'ai_voice' }, ...having(grant()) }, ['consent_grade']],
    ['which is enough', { policies: [voices], question: { dialerMode: 'ai_voice' }, ...having(grant({ grade: 'express_written' })) }, []],
    ['a text message is not dialed', { policies: [voices], question: { dialerMode: 'prerecorded', channel: 'sms' } }, []],
    ['nor is it where the same law speaks of messages', { policies: [robots], question: { dialerMode: 'prerecorded', channel: 'sms' } }, []],
    ['there a recorded call needs a consent', { policies: [robots], question: { dialerMode: 'prerecorded' } }, ['consent_missing']],
    ['a consent outside the register of consents is too weak', { policies: [india], ...having(grant()) }, ['consent_grade']],
    ['one inside it is enough', { policies: [india], ...having(grant({ method: 'dca' })) }, []],
    ['a contract replaces the consent', { policies: [france], facts: { relationships: [relationship({ kind: 'contract' })] } }, []],
    ['until its last millisecond', { policies: [france], facts: { relationships: [relationship({ kind: 'contract', endsAt: new Date(NOON.getTime() + 1) })] } }, []],
    ['and not at its end', { policies: [france], facts: { relationships: [relationship({ kind: 'contract', endsAt: NOON })] } }, ['consent_missing']],
    ['nor before it began', { policies: [france], facts: { relationships: [relationship({ kind: 'contract', at: new Date(NOON.getTime() + 1) })] } }, ['consent_missing']],
    ['a purchase does not', { policies: [france], facts: { relationships: [relationship()] } }, ['consent_missing']],
    ['a purchase that overrides lists replaces no consent', {
      policies: [page('FR', { ...germany.values, relationship_exemption: [dated({ kind: 'purchase', period: 'P18M', instead: 'lists' })] })],
      facts: { relationships: [relationship()] },
    }, ['consent_missing']],
    ['one that begins at this very moment does', { policies: [france], facts: { relationships: [relationship({ kind: 'contract', at: NOON })] } }, []],
    ['not in another country', { policies: [france, germany], facts: { relationships: [relationship({ kind: 'contract' })] } }, ['consent_missing']],
    ['a contract does not undo a withdrawal', {
      policies: [france], facts: { relationships: [relationship({ kind: 'contract' })], consents: [withdrawal()] },
    }, ['consent_revoked']],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });
});

describe('an opt-out that reaches everything from a date on', () => {
  const saidAt = (text: string): Asked => ({
    policies: [everything], at: '2027-02-10T17:00:00Z', question: { channel: 'sms', purpose: 'survey' }, ...having(withdrawal({ happenedAt: instant(text) })),
  });
  test.each([
    ['said in the last second of the day before, it reaches what was said', '2027-01-31T04:59:59Z', []],
    ['said in the first second of the day, it reaches everything', '2027-01-31T05:00:00Z', ['consent_revoked']],
    ['said later as well', '2027-02-09T12:00:00Z', ['consent_revoked']],
  ])('%s', (_, text, wanted) => {
    expect(codes(saidAt(text))).toStrictEqual(wanted);
  });
});
