import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plus } from '../../domain/civil-time.ts';
import type { GateFacts, ListState } from '../../domain/clearance.ts';
import type { Contact } from '../../domain/contact.ts';
import type { Law } from '../../domain/decide.ts';
import type { LeadFacts, Suppression } from '../../domain/lead.ts';
import type { Dated, Policy, RuleKind, RuleValues } from '../../domain/policy.ts';
import { review } from '../../domain/review.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { NOW, consentEvent, gateFacts, leadFacts } from './facts.ts';

/** Values of a law that asks for a consent on every channel, a list for calls, and hours. */
const STRICT: Policy = {
  jurisdiction: 'DE',
  name: 'A strict one',
  values: {
    consent_required: dated('consent_required', { channels: ['call', 'sms', 'email'], purposes: ['marketing'], grade: 'express' }),
    evidence_retention: dated('evidence_retention', { period: 'P5Y' }),
    relationship_exemption: dated('relationship_exemption', { kind: 'purchase', period: 'P18M', instead: 'consent' }),
  },
};
const LISTS: Policy = {
  jurisdiction: 'US',
  name: 'One with lists and hours',
  values: {
    list_freshness: dated('list_freshness', { list: 'us-federal', maxAge: 'P31D', channels: ['call', 'sms'], requiredFor: 'everyone' }),
    registry_effect: dated('registry_effect', { list: 'us-federal', effect: 'block_unless_consent', channels: ['call', 'sms'], grade: 'express' }),
    call_window: dated('call_window', {
      hours: Object.fromEntries(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].map((day) => [day, [[8 * 60, 21 * 60]]])),
      closedOnHolidays: false,
      dialing: 'any',
    }),
    evidence_retention: dated('evidence_retention', { period: 'P5Y' }),
  },
};
const LOOSE: Policy = { jurisdiction: 'GB', name: 'One without rules', values: {} };

function dated<K extends RuleKind>(_: K, value: RuleValues[K]): Dated<RuleValues[K]>[] {
  return [{ from: '2000-01-01', value, source: 'test', verifiedAt: '2026-11-22', confidence: 'primary' }];
}

const lawOf = (...policies: Policy[]): Law => ({ policies, settings: DEFAULT_SETTINGS });
const reviewed = (lead: Partial<LeadFacts> = {}, gate: Partial<GateFacts> = {}, law = lawOf(LOOSE), now = NOW) =>
  review(leadFacts(lead), gateFacts(gate), law, now);

const suppression = (changes: Partial<Suppression> = {}): Suppression => ({
  id: 's', kind: 'opt_out', channel: 'all', reportedAt: new Date('2026-11-20T00:00:00Z'), receivedAt: new Date('2026-11-20T00:00:00Z'),
  liftedAt: null, ...changes,
});
const contact = (changes: Partial<Contact> = {}): Contact => ({
  id: 'k', channel: 'call', purpose: 'marketing', seller: 'acme', campaign: null, outcome: 'answered',
  startedAt: new Date('2026-11-22T11:50:00Z'), endedAt: new Date('2026-11-22T11:55:00Z'), ...changes,
});
const list = (changes: Partial<ListState> = {}): ListState => ({
  list: 'us-federal', jurisdiction: 'US', effect: 'block_unless_consent', release: { id: 'r', asOf: new Date('2026-11-20T00:00:00Z') },
  listedSince: null, ...changes,
});
const revoked = consentEvent({ id: 'r', kind: 'revoked', happenedAt: new Date('2026-11-22T00:00:00Z') });
const unconfirmed = consentEvent({ confirmation: 'double_opt_in' });
const arrival = leadFacts().acquisitions.last;

describe('the stage of a lead', () => {
  it.each<[string, Partial<LeadFacts>, Partial<GateFacts>, Law, string]>([
    ['a lead that just came in is active', {}, {}, lawOf(LOOSE), 'active'],
    ['archived is archived, whatever else is known', { archivedAt: NOW }, { suppressions: [suppression()] }, lawOf(LOOSE), 'archived'],
    ['disposed of is the end', { archivedAt: NOW, disposedAt: NOW }, {}, lawOf(LOOSE), 'disposed'],
    ['an opt-out from everything suppresses it', {}, { suppressions: [suppression()] }, lawOf(LOOSE), 'suppressed'],
    ['one that was lifted does not', {}, { suppressions: [suppression({ liftedAt: new Date('2026-11-21T00:00:00Z') })] }, lawOf(LOOSE), 'active'],
    ['one that is lifted at this very moment does not either', {}, { suppressions: [suppression({ liftedAt: NOW })] }, lawOf(LOOSE), 'active'],
    ['a litigant who is let go a moment from now is one still', {}, { suppressions: [suppression({ kind: 'litigant', channel: 'call', liftedAt: plus(NOW, 'PT1S') })] },
      lawOf(LOOSE), 'suppressed'],
    ['one who was let go at this very moment is none', {}, { suppressions: [suppression({ kind: 'litigant', channel: 'call', liftedAt: NOW })] }, lawOf(LOOSE), 'active'],
    ['a litigant who is reported at this very moment is one', {}, { suppressions: [suppression({ kind: 'litigant', channel: 'call', reportedAt: NOW })] },
      lawOf(LOOSE), 'suppressed'],
    ['one who is reported a moment from now is none yet', {}, { suppressions: [suppression({ kind: 'litigant', channel: 'call', reportedAt: plus(NOW, 'PT1S') })] },
      lawOf(LOOSE), 'active'],
    ['an opt-out from calls leaves the other channels', {}, { suppressions: [suppression({ channel: 'call' })] }, lawOf(LOOSE), 'active'],
    ['opt-outs from calls and messages leave nothing to a lead without an address', {},
      { suppressions: [suppression({ channel: 'call' }), suppression({ id: 't', channel: 'sms' })] }, lawOf(LOOSE), 'suppressed'],
    ['but e-mail to one that has it', { hasEmail: true },
      { suppressions: [suppression({ channel: 'call' }), suppression({ id: 't', channel: 'sms' })] }, lawOf(LOOSE), 'active'],
    ['a wrong number is one on every channel', {}, { suppressions: [suppression({ kind: 'wrong_number', channel: 'call' })] }, lawOf(LOOSE), 'suppressed'],
    ['so is a litigant', {}, { suppressions: [suppression({ kind: 'litigant', channel: 'call' })] }, lawOf(LOOSE), 'suppressed'],
    ['a consent that never was is asked for, not mourned', {}, {}, lawOf(STRICT), 'active'],
    ['the only consent, withdrawn, where one is required', {}, { consents: [consentEvent(), revoked] }, lawOf(STRICT), 'suppressed'],
    ['the only consent, lapsed at this very moment', {}, { consents: [consentEvent({ expiresAt: NOW })] }, lawOf(STRICT), 'suppressed'],
    ['the only consent, lapsed where none is required', {}, { consents: [consentEvent({ expiresAt: NOW })] }, lawOf(LOOSE), 'active'],
    ['one consent withdrawn, another in force', {}, { consents: [consentEvent(), revoked, consentEvent({ id: 't', channel: 'sms' })] }, lawOf(STRICT), 'active'],
    ['a consent that waits for its confirmation', {}, { consents: [unconfirmed] }, lawOf(STRICT), 'confirming'],
    ['one that waits where none is needed', {}, { consents: [unconfirmed] }, lawOf(LOOSE), 'active'],
    ['one that waits beside one withdrawn', {}, { consents: [unconfirmed, { ...revoked, channel: 'sms' }] }, lawOf(STRICT), 'confirming'],
    ['a suppression beats what waits', {}, { consents: [unconfirmed], suppressions: [suppression()] }, lawOf(STRICT), 'suppressed'],
    ['a list that was never loaded is ours to load', {}, {}, lawOf(LISTS), 'active'],
    ['a number on a list that nothing overrides', {}, { lists: [list({ listedSince: new Date('2026-11-20T00:00:00Z') })] }, lawOf(LISTS), 'suppressed'],
    ['one whose consent for calls overrides it', {},
      { lists: [list({ listedSince: new Date('2026-11-20T00:00:00Z') })], consents: [consentEvent()] }, lawOf(LISTS), 'active'],
    ['a number that is somebody else’s now', {}, { reassigned: { id: 'a', answer: 'yes', askedAt: NOW } }, lawOf(LOOSE), 'suppressed'],
    ['quiet time passes', {}, { contacts: [contact({ outcome: 'refused' })] }, lawOf(LOOSE), 'active'],
    ['also where calls are all that is left', {}, { contacts: [contact({ outcome: 'refused' })], suppressions: [suppression({ channel: 'sms' })] }, lawOf(LOOSE), 'active'],
    ['a consent too weak for calls beside one for messages that waits', {}, { consents: [consentEvent({ grade: 'implied' }), { ...unconfirmed, id: 't', channel: 'sms' }] },
      lawOf(STRICT), 'confirming'],
  ])('%s', (_, lead, gate, law, stage) => {
    expect(reviewed(lead, gate, law).stage).toBe(stage);
  });

  it('silence without end after a refusal suppresses, until a later consent', () => {
    const endless: Policy = { ...LOOSE, values: { cooldown: dated('cooldown', { after: 'refused', period: null }) } };
    const refused = contact({ outcome: 'refused' });
    expect(reviewed({}, { contacts: [refused] }, lawOf(endless)).stage).toBe('suppressed');
    const later = consentEvent({ happenedAt: new Date('2026-11-22T11:59:00Z') });
    expect(reviewed({}, { contacts: [refused], consents: [later] }, lawOf(endless)).stage).toBe('active');
  });
});

describe('what do-not-call lists say', () => {
  const own = (changes: Partial<ListState> = {}) => list({ list: 'own', effect: 'block', ...changes });
  const hit = { listedSince: new Date('2026-11-01T00:00:00Z') };
  it.each<[string, ListState[], Law, string]>([
    ['nothing was looked up where there are no lists', [], lawOf(LOOSE), 'unchecked'],
    ['a list in force that does not have it is clear', [list()], lawOf(LISTS), 'clear'],
    ['one that has it lists it', [list(hit)], lawOf(LISTS), 'listed'],
    ['a list that law asks for and that has no release leaves it unchecked', [list({ release: null })], lawOf(LISTS), 'unchecked'],
    ['so does one that nobody has registered, whatever others say', [own()], lawOf(LISTS), 'unchecked'],
    ['a list of the company that has no release yet changes nothing', [list(), own({ release: null })], lawOf(LISTS), 'clear'],
    ['nor is such a list alone a look-up', [own({ release: null })], lawOf(LOOSE), 'unchecked'],
    ['but with a release it is, where law asks for none', [own()], lawOf(LOOSE), 'clear'],
    ['one of another country says nothing, in which the number may stand all the same', [own({ ...hit, jurisdiction: 'JP' })], lawOf(LOOSE), 'unchecked'],
    ['nor does it change what others say', [list(), own({ ...hit, jurisdiction: 'JP' })], lawOf(LISTS), 'clear'],
    ['and lists, whatever is missing', [list({ release: null }), own(hit)], lawOf(LISTS), 'listed'],
  ])('%s', (_, lists, law, dncState) => {
    expect(reviewed({}, { lists }, law).dncState).toBe(dncState);
  });
});

describe('what stands against a call', () => {
  it('is nothing for a lead that may be called, whatever the hour', () => {
    const { blockers, contactableFrom, hopperFrom, cooldownUntil } = reviewed({}, { lists: [list()] }, lawOf(LISTS), new Date('2026-11-22T06:00:00Z'));
    expect([blockers, cooldownUntil]).toEqual([[], null]);
    expect(hopperFrom).toEqual(new Date('2026-11-22T06:00:00Z'));
    expect(contactableFrom).toEqual(new Date('2026-11-22T13:00:00Z'));
  });

  it('is quiet time, until it ends', () => {
    const { blockers, contactableFrom, hopperFrom, cooldownUntil } = reviewed({}, { contacts: [contact()] });
    const end = plus(contact().endedAt, 'P7D');
    expect(blockers).toEqual(['cooldown']);
    expect([cooldownUntil, contactableFrom, hopperFrom]).toEqual([end, end, end]);
  });

  it('has no end while something stands that time does not cure', () => {
    const { blockers, contactableFrom, hopperFrom } = reviewed({}, { contacts: [contact()] }, lawOf(LISTS));
    expect([blockers, contactableFrom, hopperFrom]).toEqual([['cooldown', 'list_missing'], null, null]);
  });

  it('is every reason once, those that deny before those that hold, and as quiet time only that', () => {
    const tries = ['PT3H', 'PT2H', 'PT1H'].map((ago, n) => contact({ id: `k${n}`, outcome: 'failed', startedAt: plus(NOW, ago, -1), endedAt: plus(NOW, 'PT30M', -1) }));
    const { blockers, cooldownUntil } = reviewed({}, { contacts: tries, unclearOptOuts: [{ id: 'w', channel: 'all', statedAt: NOW }] }, lawOf(LISTS));
    expect(blockers).toEqual(['attempt_cap', 'cooldown', 'list_missing', 'opt_out_unclear']);
    expect(cooldownUntil).toEqual(plus(NOW, 'PT30M'));
  });

  it('is not the hours of automated calls: people call by hand', () => {
    const robots: Policy = { ...LOOSE, values: { call_window: dated('call_window', { hours: {}, closedOnHolidays: false, dialing: 'automated' }) } };
    expect(reviewed({}, {}, lawOf(robots)).contactableFrom).toEqual(NOW);
  });

  it('does not hear of open clearances', () => {
    const openClearance = { id: 'c', until: plus(NOW, 'PT10M') };
    expect(reviewed({}, { openClearance })).toEqual(reviewed());
  });

  it('leaves a lead where it waits for its call', () => {
    const since = new Date('2026-11-01T00:00:00Z');
    expect(reviewed({ contactableFrom: since }).hopperFrom).toEqual(since);
    expect(reviewed({ contactableFrom: since }, { contacts: [contact()] }).hopperFrom).toEqual(plus(contact().endedAt, 'P7D'));
    expect(reviewed({ contactableFrom: plus(NOW, 'P7D') }).hopperFrom).toEqual(NOW);
  });

  it('is told for an area of equal hours', () => {
    expect(reviewed().contactArea).toBe('US|America/New_York|');
    expect(review(leadFacts(), { ...gateFacts(), lead: null }, lawOf(LOOSE), NOW).contactArea).toBe('||');
    const lifted: Policy = { ...LISTS, values: { call_window: dated('call_window', { hours: {}, closedOnHolidays: true, dialing: 'any', liftedBy: 'express' }) } };
    expect(reviewed({}, { consents: [consentEvent()] }, lawOf(lifted)).contactArea).toBe('US|America/New_York|express');
  });
});

describe('when a lead leaves the hot tables', () => {
  it('is a year after the last thing that happened, counted from when we learned of it', () => {
    expect(reviewed().archiveDueAt).toEqual(new Date('2027-11-22T11:00:00Z'));
    expect(reviewed({ lastContactAt: NOW }).archiveDueAt).toEqual(plus(NOW, 'P12M'));
    const given = consentEvent({ happenedAt: plus(NOW, 'PT20M', -1), receivedAt: plus(NOW, 'PT10M', -1) });
    expect(reviewed({}, { consents: [given] }).archiveDueAt).toEqual(plus(given.receivedAt, 'P12M'));
    const ahead = consentEvent({ happenedAt: plus(NOW, 'PT10M', -1), receivedAt: plus(NOW, 'PT20M', -1) });
    expect(reviewed({}, { consents: [ahead, consentEvent()] }).archiveDueAt).toEqual(plus(ahead.happenedAt, 'P12M'));
  });

  it('is thirty days after it was first seen suppressed', () => {
    expect(reviewed({}, { suppressions: [suppression()] }).archiveDueAt).toEqual(plus(NOW, 'P30D'));
    const since = new Date('2026-11-10T00:00:00Z');
    expect(reviewed({ stage: 'suppressed', stageSince: since }, { suppressions: [suppression()] }).archiveDueAt).toEqual(plus(since, 'P30D'));
  });

  it('is not asked any more of an archived lead', () => {
    expect(reviewed({ archivedAt: NOW }).archiveDueAt).toBeNull();
    expect(reviewed({ archivedAt: NOW, disposedAt: NOW }).archiveDueAt).toBeNull();
  });
});

describe('how long a lead is kept', () => {
  const used = new Date('2028-03-01T10:00:00Z');

  it.each<[string, Partial<LeadFacts>, Partial<GateFacts>, Law, string]>([
    ['six months after its last acquisition when no consent stands', {}, {}, lawOf(LOOSE), '2027-05-22T11:00:00Z'],
    ['five years after a consent, counted from when we learned of it', {}, { consents: [consentEvent()] }, lawOf(STRICT), '2031-11-22T11:00:00Z'],
    ['two years after its last contact', { lastContactAt: used }, {}, lawOf(LOOSE), '2030-03-01T10:00:00Z'],
    ['five years after the last use of its consent', { lastContactAt: used }, { consents: [consentEvent()] }, lawOf(STRICT), '2033-03-01T10:00:00Z'],
    ['five years after the last contact that was allowed', { lastClearedAt: used }, { consents: [consentEvent()] }, lawOf(STRICT), '2033-03-01T10:00:00Z'],
    ['six months after its consent lapses', {}, { consents: [consentEvent({ expiresAt: new Date('2027-11-22T00:00:00Z') })] }, lawOf(LOOSE), '2028-05-22T00:00:00Z'],
    ['five years after a consent that is dated later than it came in, from its date', {},
      { consents: [consentEvent({ happenedAt: new Date('2026-11-22T11:30:00Z') })] }, lawOf(STRICT), '2031-11-22T11:30:00Z'],
    ['eighteen months while a consent waits for its confirmation', {}, { consents: [unconfirmed] }, lawOf(LOOSE), '2028-05-22T11:00:00Z'],
    ['six months after an acquisition that is dated later than it came in, from its date',
      { acquisitions: { count: 1, first: arrival, last: { ...arrival, acquiredAt: new Date('2026-11-22T11:30:00Z') } } }, {}, lawOf(LOOSE), '2027-05-22T11:30:00Z'],
    ['six months after it was given again, though a consent has lapsed by then', { acquisitions: { count: 2, first: arrival, last: { ...arrival, receivedAt: NOW } } },
      { consents: [consentEvent({ expiresAt: NOW })] }, lawOf(LOOSE), '2027-05-22T12:00:00Z'],
    ['until the last day of February, six months from the last of August',
      { acquisitions: { count: 1, first: arrival, last: { ...arrival, receivedAt: new Date('2027-08-31T11:00:00Z') } } }, {}, lawOf(LOOSE), '2028-02-29T11:00:00Z'],
    ['the longest of several duties', {}, { consents: [consentEvent()] }, lawOf(LOOSE, STRICT), '2031-11-22T11:00:00Z'],
  ])('%s', (_, lead, gate, law, until) => {
    expect(reviewed(lead, gate, law).retainUntil).toEqual(new Date(until));
  });

  it('is no question any more once it is disposed of', () => {
    expect(reviewed({ archivedAt: NOW, disposedAt: NOW }).retainUntil).toBeNull();
    expect(reviewed({ archivedAt: NOW }).retainUntil).toEqual(new Date('2027-05-22T11:00:00Z'));
  });

  it('never makes a back-dated lead due on arrival', () => {
    const old = { ...arrival, acquiredAt: new Date('1999-01-01T00:00:00Z') };
    const { archiveDueAt, retainUntil } = reviewed({ acquisitions: { count: 1, first: old, last: old } });
    expect(archiveDueAt?.getTime()).toBeGreaterThan(NOW.getTime());
    expect(retainUntil?.getTime()).toBeGreaterThan(NOW.getTime());
  });
});

describe('when to look again', () => {
  const inThreeDays = plus(NOW, 'P3D');

  it.each<[string, Partial<GateFacts>, Law]>([
    ['a consent lapses', { consents: [consentEvent({ expiresAt: inThreeDays })] }, lawOf(LOOSE)],
    ['quiet time ends', { contacts: [contact({ endedAt: plus(inThreeDays, 'P7D', -1) })] }, lawOf(LOOSE)],
    ['a list grows stale', { lists: [list({ release: { id: 'r', asOf: plus(inThreeDays, 'P31D', -1) } })] }, lawOf(LISTS)],
    ['a relationship ends', { relationships: [{ id: 'x', kind: 'contract', at: NOW, endsAt: inThreeDays }] }, lawOf(LOOSE)],
    ['a relationship grows old', { relationships: [{ id: 'x', kind: 'purchase', at: plus(inThreeDays, 'P18M', -1), endsAt: null }] }, lawOf(STRICT)],
    ['a lead is too old for a first contact',
      { acquisitions: [{ id: 'a', sourceKind: 'purchase', acquiredAt: plus(inThreeDays, 'P90D', -1), suspendedAt: null }] }, lawOf(LOOSE)],
  ])('is soon after %s', (_, gate, law) => {
    const { reviewAt } = reviewed({}, gate, law);
    // Relationships and first contacts are counted on the calendar of New York.
    expect(reviewAt?.getTime()).toBeGreaterThanOrEqual(inThreeDays.getTime());
    expect(reviewAt?.getTime()).toBeLessThanOrEqual(plus(inThreeDays, 'PT2H').getTime());
  });

  it('is soon after an answer about a reassigned number grows old, where one is required', () => {
    const reported = dated('reassigned_check', { database: 'RND', reportedOn: 24 });
    const monthly: Policy = { ...LOOSE, values: { reassigned_check: reported } };
    const settings = (required: boolean) => ({ ...DEFAULT_SETTINGS, reassigned: { required } });
    const law = (required: boolean): Law => ({ policies: [monthly], settings: settings(required) });
    const gate: Partial<GateFacts> = { reassigned: { id: 'x', answer: 'no', askedAt: NOW } };
    const over = new Date('2026-11-25T12:00:00Z');
    const [wanted, unwanted] = [true, false].map((required) => reviewed({}, gate, law(required)).reviewAt as Date);
    expect(wanted?.getTime()).toBeGreaterThanOrEqual(over.getTime());
    expect(wanted?.getTime()).toBeLessThanOrEqual(plus(over, 'PT2H').getTime());
    expect(unwanted?.getTime()).toBeGreaterThan(plus(over, 'P7D').getTime());
  });

  it('is soon after midnight where the person is, on the day on which law changes', () => {
    const ends: Policy = { ...LOOSE, values: { evidence_retention: dated('evidence_retention', { period: 'P5Y' }).map((value) => ({ ...value, to: '2026-11-24' })) } };
    const { reviewAt } = reviewed({}, {}, lawOf(ends), new Date('2026-11-24T04:59:00Z'));
    expect(reviewAt?.getTime()).toBeGreaterThanOrEqual(new Date('2026-11-24T05:00:00Z').getTime());
    expect(reviewAt?.getTime()).toBeLessThanOrEqual(new Date('2026-11-24T06:00:00Z').getTime());
  });

  describe('to the millisecond, for a lead without jitter', () => {
    const id = '019a0000-0000-7000-8000-000000000000';
    const lapsing = (expiresAt: Date) => reviewed({ id }, { consents: [consentEvent({ expiresAt })] }).reviewAt;
    it.each([
      ['a consent that lapses at this very moment changes nothing any more', NOW, plus(NOW, 'P30D')],
      ['one that lapses a millisecond from now is looked at in a second', new Date(NOW.getTime() + 1), plus(NOW, 'PT1S')],
      ['one that lapses in an hour is looked at there', plus(NOW, 'PT1H'), plus(NOW, 'PT1H')],
      ['one that lapses in the last hour of the thirty days is left to the safety net', new Date(plus(NOW, 'P30D').getTime() - 3_600_000), plus(NOW, 'P30D')],
      ['one that lapses the millisecond before that hour is not', new Date(plus(NOW, 'P30D').getTime() - 3_600_001), new Date(plus(NOW, 'P30D').getTime() - 3_600_001)],
    ])('%s', (_, expiresAt, wanted) => {
      expect(lapsing(expiresAt)).toEqual(wanted);
    });
  });

  it('is never for a lead that is disposed of', () => {
    expect(reviewed({ disposedAt: NOW }).reviewAt).toBeNull();
  });

  it('lies between a second and thirty days ahead for any facts, and is the same for the same facts', () => {
    fc.assert(
      fc.property(situations(), ([lead, gate, now]) => {
        const law = lawOf(STRICT, LISTS);
        const { reviewAt } = review(lead, gate, law, now);
        expect(review(lead, { ...gate, consents: gate.consents.toReversed() }, law, now).reviewAt).toEqual(reviewAt);
        if (lead.disposedAt) return expect(reviewAt).toBeNull();
        expect(reviewAt?.getTime()).toBeGreaterThanOrEqual(now.getTime() + 1000);
        expect(reviewAt?.getTime()).toBeLessThanOrEqual(plus(now, 'P30D').getTime());
      }),
    );
  });

  it('never sleeps through a moment at which the review would say something else, however far away the next one is', () => {
    fc.assert(
      fc.property(situations(), fc.double({ min: 0, max: 1, noNaN: true }), ([lead, gate, now], share) => {
        const law = lawOf(STRICT, LISTS);
        const { wakesAt, reviewAt, ...before } = review(lead, gate, law, now);
        if (!wakesAt || !reviewAt) return expect([wakesAt, reviewAt]).toEqual([null, null]);
        // An hour of jitter is the price of not waking a million leads in the same second.
        const between = new Date(now.getTime() + share * (wakesAt.getTime() - 3_600_001 - now.getTime()));
        if (between <= now) return;
        const after = review({ ...lead, stage: before.stage }, gate, law, between);
        for (const part of ['stage', 'consentState', 'retainUntil', 'blockers', 'contactArea'] as const) {
          expect(after[part]).toEqual(before[part]);
        }
      }),
    );
  });

  it('is in thirty days for a lead that nothing happens to before, while its workflow sleeps until something does', () => {
    const id = '019a0000-0000-7000-8000-000000000000';
    const expiresAt = plus(NOW, 'P4M');
    const { reviewAt, wakesAt } = reviewed({ id }, { consents: [consentEvent({ expiresAt })] });
    expect([reviewAt, wakesAt]).toEqual([plus(NOW, 'P30D'), expiresAt]);
  });

  it('spreads leads that came in together over the hour', () => {
    const moments = Array.from({ length: 200 }, (_, n) => {
      const id = `019a0000-0000-7000-8000-000000${(n * 83_886).toString(16).padStart(6, '0')}`;
      return reviewed({ id }, { consents: [consentEvent({ expiresAt: inThreeDays })] }).reviewAt?.getTime();
    });
    expect(new Set(moments).size).toBe(200);
  });
});

describe('the grounds are plain sentences about the facts', () => {
  const acquired = 'Acquired on 2026-11-21 from spring-fair.';
  const again = { ...arrival, source: 'web-form', acquiredAt: new Date('2026-11-22T10:00:00Z') };
  it.each<[string, Partial<LeadFacts>, Partial<GateFacts>, string[]]>([
    ['contacted and suppressed', { lastContactAt: NOW }, { suppressions: [suppression()] },
      [acquired, 'Last contacted on 2026-11-22.', 'Own suppression (opt_out, all) since 2026-11-20.']],
    ['free', {}, {}, [acquired, 'No suppression of our own stands against it.']],
    ['free again', {}, { suppressions: [suppression({ liftedAt: NOW })] }, [acquired, 'No suppression of our own stands against it.']],
    ['suppressed in part', {}, { suppressions: [suppression({ channel: 'sms' })] }, [acquired, 'Own suppression (opt_out, sms) since 2026-11-20.']],
    ['acquired twice', { acquisitions: { count: 2, first: arrival, last: again } }, {},
      ['Acquired 2 times: first on 2026-11-21 from spring-fair, last on 2026-11-22 from web-form.', 'No suppression of our own stands against it.']],
    ['archived', { archivedAt: NOW }, {}, [acquired, 'Archived on 2026-11-22.']],
    ['being disposed of', { disposalOpenedAt: NOW }, {}, [acquired, 'No suppression of our own stands against it.', 'Being disposed of since 2026-11-22.']],
    ['disposed of', { archivedAt: new Date('2026-11-21T00:00:00Z'), disposedAt: NOW }, {}, [acquired, 'Disposed of on 2026-11-22.']],
  ])('%s', (_, lead, gate, why) => {
    expect(reviewed(lead, gate).why).toEqual(why);
  });
});

function situations() {
  const days = (reach: number) => fc.integer({ min: -reach, max: reach });
  return fc
    .record({
      now: fc.date({ min: new Date('2020-01-01'), max: new Date('2032-01-01'), noInvalidDate: true }),
      ago: fc.tuple(fc.nat(900 * 86_400_000), fc.nat(900 * 86_400_000)),
      tail: fc.nat(0xffffff),
      lapses: fc.array(days(400), { maxLength: 3 }),
      contacted: fc.array(fc.tuple(fc.nat(400), fc.constantFrom('answered', 'no_answer', 'refused', 'voicemail')), { maxLength: 4 }),
      asOf: fc.option(fc.nat(40), { nil: null }),
      related: fc.option(fc.nat(600), { nil: null }),
      suppressed: fc.boolean(),
      ended: fc.constantFrom('no', 'archived', 'disposed'),
    })
    .map(({ now, ago, tail, lapses, contacted, asOf, related, suppressed, ended }): [LeadFacts, GateFacts, Date] => {
      const before = (count: number) => new Date(now.getTime() - count * 86_400_000 - 1);
      const receivedAt = new Date(now.getTime() - ago[0]);
      const one = { ...arrival, receivedAt, acquiredAt: new Date(receivedAt.getTime() - ago[1]) };
      const consents = lapses.map((ahead, index) =>
        consentEvent({ id: `c${index}`, happenedAt: one.acquiredAt, receivedAt, expiresAt: new Date(now.getTime() + ahead * 86_400_000) }),
      );
      const contacts = contacted.map(([count, outcome], index): Contact =>
        contact({ id: `k${index}`, outcome, startedAt: before(count), endedAt: before(count) }),
      );
      const lead = leadFacts({
        id: `019a0000-0000-7000-8000-000000${tail.toString(16).padStart(6, '0')}`,
        acquisitions: { count: 1, first: one, last: one },
        stage: suppressed ? 'suppressed' : 'acquired',
        stageSince: receivedAt,
        archivedAt: ended === 'archived' ? now : null,
        disposedAt: ended === 'disposed' ? now : null,
      });
      const gate = gateFacts({
        acquisitions: [{ id: 'a', sourceKind: 'purchase', acquiredAt: one.acquiredAt, suspendedAt: null }],
        consents,
        contacts,
        lists: asOf === null ? [] : [list({ release: { id: 'r', asOf: before(asOf) } })],
        relationships: related === null ? [] : [{ id: 'x', kind: 'purchase', at: before(related), endsAt: null }],
        suppressions: suppressed ? [suppression({ reportedAt: receivedAt })] : [],
      }, { archivedAt: lead.archivedAt, disposedAt: lead.disposedAt });
      return [lead, gate, now];
    });
}
