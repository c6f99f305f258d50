import { describe, expect, test } from '@jest/globals';
import type { RuleValues } from '../../../domain/policy.ts';
import { DEFAULT_SETTINGS } from '../../../domain/settings.ts';
import { NOON, ask, codes, dated, grant, hoursBefore, instant, listState, page, relationship, withdrawal, type Asked } from '../gate-facts.ts';

const fresh = (list: string, changes: Partial<RuleValues['list_freshness']> = {}) => {
  return dated({ list, maxAge: 'P31D', channels: ['call', 'sms'], requiredFor: 'everyone', ...changes } satisfies RuleValues['list_freshness']);
};
const effect = (list: string, changes: Partial<RuleValues['registry_effect']> = {}) => {
  const value: RuleValues['registry_effect'] = { list, effect: 'block_unless_consent', channels: ['call', 'sms'], grade: 'express', ...changes };
  return dated(value);
};
const instead = (kind: 'purchase' | 'inquiry' | 'contract', period: string | null) => dated({ kind, period, instead: 'lists' as const });

const federal = page('US', {
  list_freshness: [fresh('us-federal')],
  registry_effect: [effect('us-federal', { grade: 'express_written' })],
  relationship_exemption: [instead('purchase', 'P18M'), instead('inquiry', 'P3M')],
});
const texas = page('US-TX', { list_freshness: [fresh('us-tx', { requiredFor: 'subscribers' })], registry_effect: [effect('us-tx')] });
const britain = page('GB', {
  list_freshness: [fresh('gb-tps', { maxAge: 'P28D' }), fresh('gb-ctps', { requiredFor: 'companies' })],
  registry_effect: [effect('gb-tps', { namesCaller: true })],
});
const australia = page('AU', { registry_effect: [effect('au-dncr', { consentLapses: 'P3M' })] });
const italy = page('IT', { registry_effect: [effect('it-rpo', { effect: 'annul_consent' })] });
const singapore = page('SG', {
  registry_effect: [effect('sg-voice', { channels: ['call'], grace: 'P21D' }), effect('sg-text', { channels: ['sms'], grace: 'P21D' })],
});
const blocking = page('XX', {
  registry_effect: [effect('us-federal', { effect: 'block' })], relationship_exemption: [instead('purchase', 'P18M')],
});
const fallback = page('JP', { list_freshness: [fresh('*')], registry_effect: [effect('*')] }, { isDefault: true });

const DAY = 24;
const SECOND = 1 / 3600;
const aged = (hours: number, list = 'us-federal') => ({ facts: { lists: [listState({ list, release: { id: 'release', asOf: hoursBefore(hours) } })] } });
/** A list of the lead's own country. */
const listed = (list = 'us-federal', since = hoursBefore(100)) => listState({ list, listedSince: since });
const requiring = (...required: string[]) => ({ lists: { ...DEFAULT_SETTINGS.lists, required } });

describe('how fresh a list is', () => {
  test.each<[string, Asked, string[]]>([
    ['a list of yesterday is fresh', { policies: [federal], ...aged(DAY) }, []],
    ['a list of exactly 31 days is still fresh', { policies: [federal], ...aged(31 * DAY) }, []],
    ['a second more is too old', { policies: [federal], ...aged(31 * DAY + SECOND) }, ['list_stale']],
    ['a list that was never loaded is missing', { policies: [federal], facts: { lists: [listState({ release: null })] } }, ['list_missing']],
    ['a list that nobody registered is missing', { policies: [federal] }, ['list_missing']],
    ['another list is not that one', { policies: [federal], ...aged(DAY, 'us-tx') }, ['list_missing']],
    ['text messages need it', { policies: [federal], question: { channel: 'sms' } }, ['list_missing']],
    ['e-mail does not', { policies: [federal], question: { channel: 'email' } }, []],
    ['a consent does not spare the look', { policies: [federal], facts: { consents: [grant({ grade: 'express_written' })] } }, ['list_missing']],
    ['28 days in Britain', { policies: [britain], ...aged(28 * DAY, 'gb-tps') }, []],
    ['and a second', { policies: [britain], ...aged(28 * DAY + SECOND, 'gb-tps') }, ['list_stale']],
    ['a company needs the companies\' list as well', { policies: [britain], lead: { isCompany: true } }, ['list_missing', 'list_missing']],
    ['a list for subscribers is off', { policies: [texas] }, []],
    ['until the company subscribes', { policies: [texas], settings: requiring('us-tx') }, ['list_missing']],
    ['and then has to be fresh', { policies: [texas], settings: requiring('us-tx'), ...aged(31 * DAY + SECOND, 'us-tx') }, ['list_stale']],
    ['a list of the company\'s own that was never loaded is missing', {
      settings: requiring('ours'), facts: { lists: [listState({ list: 'ours', release: null })] },
    }, ['list_missing']],
    ['and there when it was', { settings: requiring('ours'), ...aged(DAY, 'ours') }, []],
    ['whatever became of another list', {
      settings: requiring('ours'), facts: { lists: [listState({ release: null }), listState({ list: 'ours' })] },
    }, []],
    ['nor does another list that was loaded stand in for it', {
      settings: requiring('ours'), facts: { lists: [listState(), listState({ list: 'ours', release: null })] },
    }, ['list_missing']],
    ['a list of the law that the company requires as well is missing once', {
      policies: [texas], settings: requiring('us-tx'), facts: { lists: [listState({ list: 'us-tx', release: null })] },
    }, ['list_missing']],
    ['the companies\' list does not matter to a number of no lead', {
      policies: [britain], ...aged(DAY, 'gb-tps'), facts: { lead: null, lists: [listState({ list: 'gb-tps' })] },
    }, ['lead_unknown']],
    ['a stale list of another country binds nobody there', {
      policies: [fallback], facts: { lists: [listState({ list: 'kr-x', jurisdiction: 'KR', release: { id: 'r', asOf: hoursBefore(40 * DAY) } })] },
    }, []],
    ['where nothing is known a registered list binds', {
      policies: [fallback], facts: { lists: [listState({ list: 'jp-x', jurisdiction: 'JP', release: { id: 'r', asOf: hoursBefore(31 * DAY + SECOND) } })] },
    }, ['list_stale']],
    ['and none is required', { policies: [fallback] }, []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('a hold names the list, the release and the law', () => {
    expect(ask({ policies: [federal], ...aged(32 * DAY) })).toMatchObject({
      decision: 'hold', notBefore: null,
      reasons: [{ effect: 'hold', jurisdiction: 'US', rule: 'list_freshness', source: 'Act 1', facts: ['list:us-federal', 'release:release'] }],
    });
  });

  test('a list that is missing is named, with the law or the setting that asks for it', () => {
    const missing = { code: 'list_missing', effect: 'hold', notBefore: null };
    expect(ask({ policies: [federal] }).reasons).toEqual([
      { ...missing, jurisdiction: 'US', rule: 'list_freshness', source: 'Act 1', confidence: 'primary', facts: ['list:us-federal'] },
    ]);
    expect(ask({ settings: requiring('ours'), facts: { lists: [listState({ list: 'ours', release: null })] } }).reasons).toEqual([
      { ...missing, jurisdiction: 'company', rule: 'company', source: 'setting lists.required', facts: ['list:ours'] },
    ]);
  });

  test('the answer names the releases that were asked', () => {
    const lists = [listState({ list: 'ours', release: null }), ...aged(DAY).facts.lists];
    expect(ask({ policies: [federal], facts: { lists } }).checked.lists).toEqual([{ list: 'us-federal', releaseId: 'release', asOf: hoursBefore(DAY) }]);
  });
});

describe('a listed number', () => {
  const on = (list: string, changes: Asked['facts'] = {}, since?: Date): Asked => ({ facts: { lists: [listed(list, since)], ...changes } });
  const written = grant({ grade: 'express_written' });
  test.each<[string, Asked, string[]]>([
    ['is left alone', { policies: [federal], ...on('us-federal') }, ['dnc_listed']],
    ['is left alone on text messages', { policies: [federal], ...on('us-federal'), question: { channel: 'sms' } }, ['dnc_listed']],
    ['may get e-mail', { policies: [federal], ...on('us-federal'), question: { channel: 'email' } }, []],
    ['is free the moment before it was shown', { policies: [federal], ...on('us-federal', {}, new Date(NOON.getTime() + 1)) }, []],
    ['is listed at that very moment', { policies: [federal], ...on('us-federal', {}, NOON) }, ['dnc_listed']],
    ['may be called with a written consent', { policies: [federal], ...on('us-federal', { consents: [written] }) }, []],
    ['not with a weaker one', { policies: [federal], ...on('us-federal', { consents: [grant()] }) }, ['dnc_listed']],
    ['not with one for another channel', { policies: [federal], ...on('us-federal', { consents: [{ ...written, channel: 'sms' }] }) }, ['dnc_listed']],
    ['not with one that lapsed', { policies: [federal], ...on('us-federal', { consents: [{ ...written, expiresAt: NOON }] }) }, ['dnc_listed']],
    ['not with one that was withdrawn', { policies: [federal], ...on('us-federal', { consents: [written, withdrawal()] }) }, ['consent_revoked', 'dnc_listed']],
    ['on a list that the law does not ask for is left alone', { policies: [texas], ...on('us-tx') }, ['dnc_listed']],
    ['on a list that nothing overrides', {
      policies: [blocking], ...on('us-federal', { consents: [written], relationships: [relationship()] }),
    }, ['dnc_listed']],
    ['is overridden by an express consent where the law names no grade', {
      policies: [page('XX', { registry_effect: [dated({ list: 'us-federal', effect: 'block_unless_consent', channels: ['call'] })] })],
      ...on('us-federal', { consents: [grant()] }),
    }, []],
    ['and not by an implied one', {
      policies: [page('XX', { registry_effect: [dated({ list: 'us-federal', effect: 'block_unless_consent', channels: ['call'] })] })],
      ...on('us-federal', { consents: [grant({ grade: 'implied' })] }),
    }, ['dnc_listed']],
    ['that is no lead any more is not judged by a list', { policies: [federal], ...on('us-federal', { lead: null }) }, ['lead_unknown']],
    ['in Britain needs a consent that names the caller', { policies: [britain], ...on('gb-tps', { consents: [written] }) }, ['dnc_listed']],
    ['which is enough', { policies: [britain], ...on('gb-tps', { consents: [grant({ namesSeller: true })] }) }, []],
    ['but not an implied one', { policies: [britain], ...on('gb-tps', { consents: [grant({ namesSeller: true, grade: 'implied' })] }) }, ['dnc_listed']],
    ['in Singapore by voice may still get text', { policies: [singapore], ...on('sg-voice', {}, hoursBefore(30 * DAY)), question: { channel: 'sms' } }, []],
    ['in Singapore is free for 21 days', { policies: [singapore], lead: { zones: ['Asia/Singapore'] }, ...on('sg-voice', {}, hoursBefore(21 * DAY - SECOND)) }, []],
    ['and then listed', { policies: [singapore], lead: { zones: ['Asia/Singapore'] }, ...on('sg-voice', {}, hoursBefore(21 * DAY)) }, ['dnc_listed']],
    ['where nothing is known of the law is left alone', {
      policies: [fallback], lead: { jurisdictions: ['JP'] },
      facts: { lists: [listState({ list: 'jp-x', jurisdiction: 'JP', listedSince: hoursBefore(1) })] },
    }, ['dnc_listed']],
    ['unless a consent overrides', {
      policies: [fallback], lead: { jurisdictions: ['JP'] },
      facts: { lists: [listState({ list: 'jp-x', jurisdiction: 'JP', listedSince: hoursBefore(1) })], consents: [grant()] },
    }, []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked).filter((code) => code !== 'list_missing')).toStrictEqual(wanted);
  });

  test('where nothing is known of the law is left alone in the name of its own country', () => {
    const korea = page('KR', fallback.values, { isDefault: true });
    const japanese = { list: 'jp-x', jurisdiction: 'JP', listedSince: hoursBefore(1) };
    const { reasons } = ask({
      policies: [korea, fallback, page('JP-13', federal.values)], lead: { jurisdictions: ['KR', 'JP'] },
      facts: { lists: [listState(japanese), listState({ list: 'us-federal' })] },
    });
    expect(reasons).toMatchObject([{ code: 'dnc_listed', jurisdiction: 'JP', rule: 'registry_effect', default: true, facts: ['list:jp-x', 'release:release'] }]);
  });

  test('is named with its list and release', () => {
    expect(ask({ policies: [federal], ...on('us-federal') }).reasons).toMatchObject([{
      code: 'dnc_listed', effect: 'deny', jurisdiction: 'US', rule: 'registry_effect', source: 'Act 1', notBefore: null, facts: ['list:us-federal', 'release:release'],
    }]);
  });
});

describe('a relationship overrides a list', () => {
  const since = (kind: 'purchase' | 'inquiry' | 'contract', text: string): Asked => {
    return { policies: [federal], facts: { lists: [listed()], relationships: [relationship({ kind, at: instant(text) })] } };
  };
  test.each<[string, Asked, string[]]>([
    ['a purchase within 18 months', since('purchase', '2025-07-14T12:00:00Z'), []],
    ['on the anniversary itself, by the wall: an hour of summer time earlier in UTC', since('purchase', '2025-07-13T16:00:00Z'), []],
    ['not a second after', since('purchase', '2025-07-13T15:59:59Z'), ['dnc_listed']],
    ['an inquiry within 3 months', since('inquiry', '2026-10-14T12:00:00Z'), []],
    ['not an older one', since('inquiry', '2026-10-12T12:00:00Z'), ['dnc_listed']],
    ['never a contract', since('contract', '2027-01-01T12:00:00Z'), ['dnc_listed']],
    ['not a purchase that is still to come', since('purchase', '2027-01-13T17:00:01Z'), ['dnc_listed']],
    ['the last of several counts', {
      policies: [federal],
      facts: { lists: [listed()], relationships: [relationship(), relationship({ id: 'old', at: instant('2020-01-01T12:00:00Z') })] },
    }, []],
    ['a contract that replaces a consent overrides no list', {
      policies: [page('US', { ...federal.values, relationship_exemption: [dated({ kind: 'contract', period: null, instead: 'consent' })] })],
      facts: { lists: [listed()], relationships: [relationship({ kind: 'contract' })] },
    }, ['dnc_listed']],
    ['not in a state whose law does not say so', {
      policies: [federal, texas], facts: { lists: [listed(), listed('us-tx')], relationships: [relationship()] },
    }, ['dnc_listed']],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('from the last of August lasts until the end of February', () => {
    const asked = since('purchase', '2025-08-31T16:00:00Z');
    const facts = { ...asked.facts, lists: [listState({ release: { id: 'r', asOf: instant('2027-02-27T00:00:00Z') }, listedSince: hoursBefore(100) })] };
    expect(codes({ ...asked, facts, at: '2027-02-28T17:00:00Z' })).toStrictEqual([]);
    expect(codes({ ...asked, facts, at: '2027-02-28T17:00:01Z' })).toStrictEqual(['dnc_listed']);
  });
});

describe('a consent that lapses only against a list', () => {
  const given = (text: string, expiresAt: Date | null = null, lists = [listed('au-dncr')]): Asked => {
    return { policies: [australia], lead: { zones: ['Australia/Sydney'] }, facts: { lists, consents: [grant({ happenedAt: instant(text), expiresAt })] } };
  };
  test.each<[string, Asked, string[]]>([
    ['overrides it within three months', given('2026-10-13T17:00:01Z'), []],
    ['not at their end', given('2026-10-13T17:00:00Z'), ['dnc_listed']],
    ['overrides it for as long as it says', given('2026-01-01T12:00:00Z', instant('2028-01-01T12:00:00Z')), []],
    ['does not matter to a number that is not listed', given('2026-01-01T12:00:00Z', null, []), []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });
});

describe('a register that annuls consents', () => {
  const shown = hoursBefore(100);
  const given = (happenedAt: Date, ...more: ReturnType<typeof grant>[]): Asked => {
    return { policies: [italy], lead: { zones: ['Europe/Rome'] }, facts: { lists: [listed('it-rpo', shown)], consents: [grant({ happenedAt }), ...more] } };
  };
  test.each<[string, Asked, string[]]>([
    ['annuls one from the millisecond before', given(new Date(shown.getTime() - 1)), ['consent_revoked', 'dnc_listed']],
    ['not one of that very moment', given(shown), []],
    ['nor a later one', given(hoursBefore(1)), []],
    ['nor a later one that an import carried in', given(hoursBefore(200), grant({ id: 'b', carried: true, happenedAt: hoursBefore(1) })), []],
    ['a withdrawal before it stands against a consent that was carried in', given(
      hoursBefore(300), withdrawal({ happenedAt: hoursBefore(200) }), grant({ id: 'b', carried: true, happenedAt: hoursBefore(1) }),
    ), ['consent_revoked', 'dnc_listed']],
    ['without a consent there is nothing to annul', {
      policies: [italy], facts: { lists: [listed('it-rpo', shown)] },
    }, ['dnc_listed']],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('says so, and whose law that is', () => {
    const others = page('US', {
      registry_effect: [effect('us-federal'), effect('it-rpo', { channels: ['sms'] }), effect('it-old', { effect: 'annul_consent' })],
    });
    expect(ask({ ...given(hoursBefore(101)), policies: [others, italy] }).reasons).toMatchObject([
      { code: 'consent_revoked', effect: 'deny', jurisdiction: 'IT', rule: 'registry_effect', source: 'Act 1', facts: ['annulled', 'list:it-rpo'] },
      { code: 'dnc_listed' },
    ]);
  });
});

describe('a list of the company\'s own', () => {
  const ours = (changes: Parameters<typeof listState>[0] = {}, consents = [grant()]): Asked => {
    return { facts: { lists: [listState({ list: 'ours', listedSince: hoursBefore(100), ...changes })], consents } };
  };
  test.each<[string, Asked, string[]]>([
    ['applies at once', ours({}, []), ['dnc_listed']],
    ['is overridden by an express consent', ours(), []],
    ['not by an implied one', ours({}, [grant({ grade: 'implied' })]), ['dnc_listed']],
    ['says nothing of a number of another country', ours({ jurisdiction: 'GB' }, []), []],
    ['nor of one whose country begins with the same letter', ours({ jurisdiction: 'UY' }, []), []],
    ['applies to a number that may be of either of two countries', { ...ours({ jurisdiction: 'MX' }, []), lead: { jurisdictions: ['US', 'MX'] } }, ['dnc_listed']],
    ['applies in every part of its country', ours({ jurisdiction: 'US-TX' }, []), ['dnc_listed']],
    ['not where it blocks', ours({ effect: 'block' }), ['dnc_listed']],
    ['not by an earlier consent where it annuls', ours({ effect: 'annul_consent' }, [grant({ happenedAt: hoursBefore(101) })]), ['dnc_listed']],
    ['by a later one where it annuls', ours({ effect: 'annul_consent' }, [grant({ happenedAt: hoursBefore(99) })]), []],
    ['by one of that very moment where it annuls', ours({ effect: 'annul_consent' }, [grant({ happenedAt: hoursBefore(100) })]), []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('is a reason of the company, also beside a law that names other lists', () => {
    const own = { code: 'dnc_listed', effect: 'deny', jurisdiction: 'company', rule: 'company', source: 'list ours', notBefore: null };
    expect(ask({ ...ours({}, []), policies: [page('US', { registry_effect: [effect('us-federal')] })] }).reasons).toEqual([
      { ...own, facts: ['list:ours', 'release:release'] },
    ]);
    expect(ask(ours({ release: null }, [])).reasons).toEqual([{ ...own, facts: ['list:ours'] }]);
  });
});
