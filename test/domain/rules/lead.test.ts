import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../../domain/settings.ts';
import { NOON, acquisition, ask, codes, contact, dated, grant, hoursBefore, instant, page, suppression, type Asked } from '../gate-facts.ts';

const MOMENT_LATER = new Date(NOON.getTime() + 1);
const revokeAll = page('US', { optout_scope: [dated({ reaches: 'everything' }, { from: '2027-01-05' })] });

describe('the lead', () => {
  test.each<[string, Asked, string[]]>([
    ['clean is allowed', {}, []],
    ['a number of no lead has nothing to stand on', { facts: { lead: null, acquisitions: [] } }, ['lead_unknown']],
    ['suppressed all the same', { facts: { lead: null, acquisitions: [], suppressions: [suppression()] } }, ['lead_unknown', 'suppressed']],
    ['a lead that came in later was unknown then', { facts: { acquisitions: [acquisition({ acquiredAt: MOMENT_LATER })] } }, ['lead_unknown']],
    ['one that came in at this very moment is known', { facts: { acquisitions: [acquisition({ acquiredAt: NOON })] } }, []],
    ['archived is out of use', { lead: { archivedAt: NOON } }, ['lead_archived']],
    ['a moment later it was not yet', { lead: { archivedAt: MOMENT_LATER } }, []],
    ['disposed of says only that', { lead: { archivedAt: hoursBefore(9), disposedAt: NOON } }, ['lead_disposed']],
    ['disposed of later, it was archived', { lead: { archivedAt: hoursBefore(9), disposedAt: MOMENT_LATER } }, ['lead_archived']],
    ['its only source suspended', { facts: { acquisitions: [acquisition({ suspendedAt: NOON })] } }, ['source_suspended']],
    ['its only source suspended a moment later', { facts: { acquisitions: [acquisition({ suspendedAt: MOMENT_LATER })] } }, []],
    ['one of two sources suspended', { facts: { acquisitions: [acquisition({ suspendedAt: NOON }), acquisition({ id: 'b' })] } }, []],
    ['of no country, and so of no clock', { lead: { jurisdictions: [], zones: [] } }, ['jurisdiction_unknown', 'zone_unknown']],
    ['of no country, with a clock', { lead: { jurisdictions: [] } }, ['jurisdiction_unknown']],
    ['of no clock, as toll-free numbers are', { lead: { jurisdictions: ['US'], zones: [] } }, ['zone_unknown']],
    ['of no clock, by e-mail', { lead: { zones: [] }, question: { channel: 'email' } }, []],
    ['of no country, by e-mail', { lead: { jurisdictions: [], zones: [] }, question: { channel: 'email' } }, ['jurisdiction_unknown']],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('what cannot be known is held, what is wrong is denied', () => {
    expect(ask({ lead: { zones: [] } })).toMatchObject({ decision: 'hold', notBefore: null, reasons: [{ effect: 'hold', jurisdiction: 'company' }] });
    expect(ask({ lead: { zones: [], archivedAt: NOON } })).toMatchObject({ decision: 'deny', notBefore: null });
  });
});

describe('how long an acquisition may be used for a first contact', () => {
  const came = (text: string, kind: Parameters<typeof acquisition>[0] = {}): Asked => {
    return { facts: { acquisitions: [acquisition({ acquiredAt: instant(text), ...kind })] } };
  };
  const first = (startedAt: Date): Asked => {
    return { facts: { acquisitions: [acquisition({ acquiredAt: instant('2025-01-13T12:00:00Z') })], contacts: [contact({ startedAt })] } };
  };
  test.each<[string, Asked, string[]]>([
    ['a form for a year', came('2026-01-13T17:00:01Z'), []],
    ['which is over at its end', came('2026-01-13T17:00:00Z'), ['acquisition_stale']],
    ['a purchase for 90 days', came('2026-10-16T12:00:00Z', { sourceKind: 'purchase' }), []],
    ['by the wall, an hour longer where clocks went back', came('2026-10-15T16:30:00Z', { sourceKind: 'purchase' }), []],
    ['an event for half a year', came('2026-07-13T15:00:00Z', { sourceKind: 'event' }), ['acquisition_stale']],
    ['any other for a year', came('2026-02-01T12:00:00Z', { sourceKind: 'partner' }), []],
    ['somebody who was contacted in time is no first contact', first(instant('2025-06-01T12:00:00Z')), []],
    ['somebody who called in and was acquired by that very call is none', first(instant('2025-01-13T12:00:00Z')), []],
    ['the last millisecond of the year is still in time', first(instant('2026-01-13T11:59:59.999Z')), []],
    ['the end of the year itself is too late', first(instant('2026-01-13T12:00:00Z')), ['acquisition_stale']],
    ['a contact between two acquisitions came in time', {
      facts: {
        acquisitions: [acquisition({ acquiredAt: instant('2024-01-13T12:00:00Z') }), acquisition({ id: 'b', acquiredAt: instant('2025-01-13T12:00:00Z') })],
        contacts: [contact({ startedAt: instant('2024-06-01T12:00:00Z') })],
      },
    }, []],
    ['one that only a suspended source still keeps young is too old', {
      facts: { acquisitions: [acquisition({ acquiredAt: instant('2020-01-01T12:00:00Z') }), acquisition({ id: 'b', suspendedAt: NOON })] },
    }, ['acquisition_stale']],
    ['one whose source is suspended a moment later is not', {
      facts: { acquisitions: [acquisition({ acquiredAt: instant('2020-01-01T12:00:00Z') }), acquisition({ id: 'b', suspendedAt: MOMENT_LATER })] },
    }, []],
    ['somebody who was contacted in time over a source that is suspended since is no first contact', {
      facts: {
        acquisitions: [acquisition({ acquiredAt: instant('2024-01-13T12:00:00Z') }), acquisition({ id: 'b', acquiredAt: instant('2025-02-13T12:00:00Z'), suspendedAt: NOON })],
        contacts: [contact({ startedAt: instant('2025-06-01T12:00:00Z') })],
      },
    }, []],
    ['a source that is suspended does not make old what another keeps young', {
      facts: { acquisitions: [acquisition({ acquiredAt: instant('2020-01-01T12:00:00Z'), suspendedAt: NOON }), acquisition({ id: 'b' })] },
    }, []],
    ['somebody who was contacted too late is one', first(instant('2026-06-01T12:00:00Z')), ['acquisition_stale']],
    ['somebody who was contacted before coming in is one', first(instant('2024-06-01T12:00:00Z')), ['acquisition_stale']],
    ['a new acquisition makes it usable again', {
      facts: { acquisitions: [acquisition({ acquiredAt: instant('2020-01-01T12:00:00Z') }), acquisition({ id: 'b' })] },
    }, []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });
});

describe('own suppressions', () => {
  test.each<[string, Asked, string[]]>([
    ['an opt-out from calls', { facts: { suppressions: [suppression()] } }, ['suppressed']],
    ['leaves text messages', { facts: { suppressions: [suppression()] }, question: { channel: 'sms' } }, []],
    ['one from everything does not', { facts: { suppressions: [suppression({ channel: 'all' })] }, question: { channel: 'email' } }, ['suppressed']],
    ['every one is a reason', {
      facts: { suppressions: [suppression(), suppression({ id: 'b', kind: 'litigant', channel: 'all' }), suppression({ id: 'c', channel: 'sms' })] },
    }, ['suppressed', 'suppressed']],
    ['one that is reported at this very moment', { facts: { suppressions: [suppression({ reportedAt: NOON })] } }, ['suppressed']],
    ['one that is reported a moment later', { facts: { suppressions: [suppression({ reportedAt: MOMENT_LATER })] } }, []],
    ['one that was lifted', { facts: { suppressions: [suppression({ liftedAt: NOON })] } }, []],
    ['one that is lifted a moment later', { facts: { suppressions: [suppression({ liftedAt: MOMENT_LATER })] } }, ['suppressed']],
    ['where an opt-out reaches every kind of message', {
      policies: [revokeAll], facts: { suppressions: [suppression()] }, question: { channel: 'email' },
    }, ['suppressed']],
    ['from the day on which it was said', {
      policies: [revokeAll], facts: { suppressions: [suppression({ reportedAt: instant('2027-01-05T04:59:59Z') })] }, question: { channel: 'email' },
    }, []],
    ['a complaint reaches every kind of message as well', {
      policies: [revokeAll], facts: { suppressions: [suppression({ kind: 'complaint' })] }, question: { channel: 'email' },
    }, ['suppressed']],
    ['a wrong number is wrong on its own channel', {
      policies: [revokeAll], facts: { suppressions: [suppression({ kind: 'wrong_number' })] }, question: { channel: 'email' },
    }, []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });
});

/** When the 15th, the day of reports to a database, is over everywhere on earth. */
const REPORTS = instant('2026-12-16T12:00:00Z');
const NEXT_REPORTS = instant('2027-01-16T12:00:00Z');

describe('what freezes a lead', () => {
  const required = { reassigned: { required: true } };
  const answered = (answer: 'yes' | 'no' | 'no_data', askedAt = hoursBefore(24)) => ({ reassigned: { id: 'answer', answer, askedAt } });
  const asked = (knownGoodAt: Date) => ({ reassigned: { id: 'answer', answer: 'no' as const, askedAt: hoursBefore(24), knownGoodAt } });
  const monthly = page('US', { reassigned_check: [dated({ database: 'RND', reportedOn: 15 })] });
  const statement = (statedAt: Date) => ({ unclearOptOuts: [{ id: 'words', channel: 'sms' as const, statedAt }] });
  test.each<[string, Asked, string[]]>([
    ['words that nobody has read', { facts: statement(NOON) }, ['opt_out_unclear']],
    ['not before they were said', { facts: statement(MOMENT_LATER) }, []],
    ['another open clearance', { facts: { openClearance: { id: 'c', until: MOMENT_LATER } } }, ['open_clearance']],
    ['not at its end', { facts: { openClearance: { id: 'c', until: NOON } } }, []],
    ['a number that somebody else has now', { facts: answered('yes') }, ['reassigned']],
    ['unless the person gave it again since', { facts: { ...answered('yes'), acquisitions: [acquisition({ acquiredAt: hoursBefore(2) })] } }, []],
    ['one acquisition since is enough', {
      facts: { ...answered('yes'), acquisitions: [acquisition(), acquisition({ id: 'b', acquiredAt: hoursBefore(2) })] },
    }, []],
    ['not at the very moment of the answer', { facts: { ...answered('yes'), acquisitions: [acquisition({ acquiredAt: hoursBefore(24) })] } }, ['reassigned']],
    ['but where it has to be checked, the yes about whoever had it before says nothing of them', {
      settings: required, facts: { ...answered('yes'), acquisitions: [acquisition({ acquiredAt: hoursBefore(2) })] },
    }, ['reassigned_unknown']],
    ['not a no that rests on the latest reports', { policies: [monthly], settings: required, facts: answered('no', REPORTS) }, []],
    ['a no of a moment before them', { policies: [monthly], settings: required, facts: answered('no', new Date(REPORTS.getTime() - 1)) }, ['reassigned_unknown']],
    ['nor at the last moment before the next', {
      policies: [monthly], settings: required, facts: answered('no', REPORTS), at: new Date(NEXT_REPORTS.getTime() - 1),
    }, []],
    ['but at that moment', { policies: [monthly], settings: required, facts: answered('no', REPORTS), at: NEXT_REPORTS }, ['reassigned_unknown']],
    ['not a no where nobody has to ask, however old it is', { policies: [monthly], facts: answered('no', hoursBefore(24 * 90)) }, []],
    ['a yes, however old', { policies: [monthly], facts: answered('yes', hoursBefore(24 * 10)), at: NEXT_REPORTS }, ['reassigned']],
    ['not a no of any age where the law names no day of reports', { policies: [page('US', { reassigned_check: [dated({ database: 'RND' })] })], settings: required, facts: answered('no', hoursBefore(24 * 90)) }, []],
    ['not a no about a day on which the number was the person\'s', { settings: required, facts: asked(instant('2027-01-01T12:00:00Z')) }, []],
    ['a no about a later day, which leaves a gap', { settings: required, facts: asked(instant('2027-01-01T12:00:00.001Z')) }, ['reassigned_unknown']],
    ['unless the person agreed to calls on that day', {
      settings: required, facts: { ...asked(instant('2027-01-02T00:00:00Z')), consents: [grant({ happenedAt: instant('2027-01-03T00:00:00Z') })] },
    }, []],
    ['an answer that had not been given', { facts: answered('yes', MOMENT_LATER) }, []],
    ['a number that nobody asked about', { settings: required }, ['reassigned_unknown']],
    ['a database that knows nothing gives no safe harbour', { settings: required, facts: answered('no_data') }, ['reassigned_unknown']],
    ['not a number that is still the person\'s', { settings: required, facts: answered('no') }, []],
    ['not an e-mail address', { settings: required, question: { channel: 'email' } }, []],
    ['nobody asks where nobody has to', { settings: { reassigned: DEFAULT_SETTINGS.reassigned } }, []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });

  test('an open clearance ends by itself', () => {
    expect(ask({ facts: { openClearance: { id: 'c', until: hoursBefore(-0.1) } } })).toMatchObject({ decision: 'deny', notBefore: hoursBefore(-0.1) });
  });

  test('words to be read hold, and name the statement', () => {
    expect(ask({ facts: statement(NOON) })).toMatchObject({ decision: 'hold', reasons: [{ facts: ['statement:words'], notBefore: null }] });
  });
});

describe('every reason of the company says what it looked at', () => {
  const reassigned = (answer: 'yes' | 'no_data') => ({ reassigned: { id: 'asked', answer, askedAt: hoursBefore(24) } });
  const required = { settings: { reassigned: { required: true } } };
  const database = page('US', { reassigned_check: [dated({ database: 'RND' }, { source: '47 CFR 64.1200(m)' })] });
  const old = acquisition({ acquiredAt: instant('2025-01-13T12:00:00Z') });
  test.each<[string, Asked, { code: string; source: string; facts?: string[]; notBefore?: Date; effect?: string }]>([
    ['no lead', { facts: { lead: null, acquisitions: [] } }, { code: 'lead_unknown', source: 'no acquisition of this number is on the books' }],
    ['disposed of', { lead: { disposedAt: NOON } }, { code: 'lead_disposed', source: 'its personal data has been destroyed' }],
    ['archived', { lead: { archivedAt: NOON } }, { code: 'lead_archived', source: 'it has been archived' }],
    ['every source suspended', {
      facts: { acquisitions: [acquisition({ suspendedAt: NOON }), acquisition({ id: 'b', suspendedAt: NOON })] },
    }, { code: 'source_suspended', source: 'every source it came from is suspended', facts: ['acquisition:acquisition', 'acquisition:b'] }],
    ['too old for a first contact', { facts: { acquisitions: [old] } }, {
      code: 'acquisition_stale', source: 'setting sources.usableFor', facts: ['usable-until:2026-01-13T12:00:00.000Z'],
    }],
    ['no country', { lead: { jurisdictions: [] } }, { code: 'jurisdiction_unknown', effect: 'hold', source: 'the number belongs to no country' }],
    ['no clock', { lead: { zones: [] } }, { code: 'zone_unknown', effect: 'hold', source: 'the number has no time zone of its own, or too many' }],
    ['an opt-out', { facts: { suppressions: [suppression()] } }, {
      code: 'suppressed', source: 'own suppression: opt_out', facts: ['suppression:suppression', 'opt_out'],
    }],
    ['unread words', { facts: { unclearOptOuts: [{ id: 'words', channel: 'all', statedAt: NOON }] } }, {
      code: 'opt_out_unclear', effect: 'hold', source: 'a statement waits for a person to read it', facts: ['statement:words'],
    }],
    ['another clearance', { facts: { openClearance: { id: 'c', until: MOMENT_LATER } } }, {
      code: 'open_clearance', source: 'another contact of this person is cleared', facts: ['clearance:c'], notBefore: MOMENT_LATER,
    }],
    ['a number of somebody else', { facts: reassigned('yes') }, {
      code: 'reassigned', source: 'setting reassigned.required', facts: ['reassigned-answer:asked'],
    }],
    ['the same, where the law names a database', { policies: [page('US-FL', {}), database], facts: reassigned('yes') }, {
      code: 'reassigned', source: '47 CFR 64.1200(m)', facts: ['reassigned-answer:asked'],
    }],
    ['a number that nobody asked about', required, { code: 'reassigned_unknown', effect: 'hold', source: 'setting reassigned.required' }],
    ['one of which the database knows nothing', { ...required, policies: [database], facts: reassigned('no_data') }, {
      code: 'reassigned_unknown', effect: 'hold', source: '47 CFR 64.1200(m)', facts: ['reassigned-answer:asked'],
    }],
  ])('%s', (_, asked, reason) => {
    expect(ask(asked).reasons).toEqual([{ effect: 'deny', jurisdiction: 'company', rule: 'company', notBefore: null, facts: [], ...reason }]);
  });
});
