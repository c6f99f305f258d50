import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plus } from '../../domain/civil-time.ts';
import { mayBeAsked, pendingConsents, planConfirmation, type ConfirmationRequest } from '../../domain/confirmation.ts';
import type { ConsentEvent } from '../../domain/consent.ts';
import { foldConsent } from '../../domain/consent-ledger.ts';
import { planRenewal } from '../../domain/renewal.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { deadlinesOf } from '../../domain/subject-deadlines.ts';
import { policiesFor } from '../../domain/policies/book.ts';
import { LANGUAGES, type Wording } from '../../domain/wording/language.ts';
import { WORDINGS } from '../../domain/wording/wordings.ts';
import { consentEvent, gateFacts, NOW } from './facts.ts';

const SILENCE = gateFacts();
const waiting = (changes: Partial<ConsentEvent> = {}) => consentEvent({ confirmation: 'double_opt_in', channel: 'email', ...changes });
const asked = (id: string, requestedAt: Date, consentIds = [waiting().id]): ConfirmationRequest =>
  ({ id, kind: 'confirmation', consentIds, requestedAt, isSettled: true });
const at = (duration: string) => plus(NOW, duration);
const plan = (ledger: ConsentEvent[], requests: ConfirmationRequest[], now: Date, silence = SILENCE) =>
  planConfirmation(ledger, requests, silence, DEFAULT_SETTINGS, now);
const FIRST = asked('1', NOW);

describe('a consent that waits for its confirmation', () => {
  it.each<[string, ConfirmationRequest[], string, 'ask' | 'lapse' | 'nothing', string | null]>([
    ['that nobody was asked about is asked about at once', [], 'PT0S', 'ask', null],
    ['is left alone for a day', [FIRST], 'PT23H59M', 'nothing', 'P1D'],
    ['is reminded of after a day', [FIRST], 'P1D', 'ask', 'P3D'],
    ['is left alone after the first reminder', [FIRST, asked('2', at('P1D'))], 'P2D', 'nothing', 'P3D'],
    ['is reminded of after three days, from the first request on', [FIRST, asked('2', at('P1DT5H'))], 'P3D', 'ask', 'P7D'],
    ['is reminded of at most twice', [FIRST, asked('2', at('P1D')), asked('3', at('P3D'))], 'P6D', 'nothing', 'P7D'],
    ['gets one reminder, and not two in a row, when both were missed', [FIRST], 'P4D', 'ask', 'P7D'],
    ['and no further one after that', [FIRST, asked('2', at('P4D'))], 'P4DT1S', 'nothing', 'P7D'],
    ['lapses after a week', [FIRST, asked('2', at('P1D')), asked('3', at('P3D'))], 'P7D', 'lapse', null],
    ['lapses then also when reminders were missed', [FIRST], 'P30D', 'lapse', null],
  ])('%s', (_, requests, moment, expected, next) => {
    const found = plan([waiting()], requests, at(moment));
    expect([found.ask.length, found.lapse.length]).toEqual([Number(expected === 'ask'), Number(expected === 'lapse')]);
    expect(found.next).toEqual(next === null ? null : at(next));
  });

  it('shares the requests of an earlier one of the same channel and purpose, and no others', () => {
    const repeated = waiting({ id: '019a0000-0000-7000-8000-000000000009', happenedAt: NOW });
    expect(plan([waiting(), repeated], [FIRST], at('PT1H')).ask).toEqual([]);
    expect(plan([waiting(), repeated, waiting({ id: '019a0000-0000-7000-8000-00000000000a', channel: 'sms' })], [FIRST], at('PT1H')).ask).toEqual([
      { channel: 'sms', purpose: 'marketing', consentIds: ['019a0000-0000-7000-8000-00000000000a'] },
    ]);
  });

  it.each<[string, ConsentEvent[]]>([
    ['is confirmed', [waiting(), consentEvent({ kind: 'confirmed', channel: 'email', happenedAt: NOW })]],
    ['is withdrawn', [waiting(), consentEvent({ kind: 'revoked', channel: 'all', purpose: 'all', happenedAt: NOW })]],
    ['has lapsed', [waiting(), consentEvent({ kind: 'expired', channel: 'email', happenedAt: NOW })]],
    ['has ended by itself', [waiting({ expiresAt: NOW })]],
    ['is not needed beside one in force', [waiting(), consentEvent({ channel: 'email' })]],
    ['came in with a file after a withdrawal', [consentEvent({ kind: 'revoked', channel: 'email', happenedAt: new Date(0) }), waiting({ carried: true })]],
  ])('is not asked about when it %s', (_, ledger) => {
    expect(plan(ledger, [], at('PT1S'))).toEqual({ ask: [], lapse: [], next: null });
  });
});

describe('somebody who is not to be written to', () => {
  const suppressed = (channel: 'call' | 'sms' | 'email' | 'all', changes: object = {}) => ({
    ...SILENCE, suppressions: [{ id: '1', kind: 'opt_out' as const, channel, reportedAt: NOW, receivedAt: NOW, liftedAt: null, ...changes }],
  });
  it.each([
    ['an opt-out from everything', suppressed('all'), false], ['one from the channel', suppressed('sms'), false],
    ['one from e-mail, by which the message would go', suppressed('email'), false], ['one from another channel', suppressed('call'), true],
    ['one that was lifted', suppressed('all', { liftedAt: NOW }), true], ['one that is yet to come', suppressed('all', { reportedAt: at('PT1S') }), true],
    ['a wrong number, whatever the channel', suppressed('call', { kind: 'wrong_number' }), false],
    ['a litigant, whatever the channel', suppressed('call', { kind: 'litigant' }), false],
    ['a statement that nobody has read', { ...SILENCE, unclearOptOuts: [{ id: '1', channel: 'all' as const, statedAt: NOW }] }, false],
    ['one about another channel', { ...SILENCE, unclearOptOuts: [{ id: '1', channel: 'call' as const, statedAt: NOW }] }, true],
  ])('%s', (_, silence, expected) => {
    expect(mayBeAsked('sms', silence, NOW)).toBe(expected);
    expect(plan([waiting({ channel: 'sms' })], [], NOW, silence).ask).toHaveLength(Number(expected));
  });
});

describe('whatever is on the ledger, and whenever one looks', () => {
  const events = fc.array(fc.record({
    kind: fc.constantFrom('granted' as const, 'confirmed' as const, 'revoked' as const, 'expired' as const),
    channel: fc.constantFrom('email' as const, 'call' as const),
    confirmation: fc.constantFrom('none' as const, 'double_opt_in' as const),
    hours: fc.integer({ min: -300, max: 0 }),
    carried: fc.boolean(),
  }), { maxLength: 12 }).map((drawn) => drawn.map(({ hours, ...event }, index) =>
    consentEvent({ ...event, id: `event-${index}`, happenedAt: new Date(NOW.getTime() + hours * 3_600_000) })));

  const steps = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 30 });

  it('a life has at most three messages for each consent, then lapses, and asks nobody who need not be asked', () => {
    fc.assert(fc.property(events, steps, (ledger, hoursBetween) => {
      const requests: ConfirmationRequest[] = [];
      let living: ConsentEvent[] = ledger;
      let now = NOW;
      for (const hours of [0, ...hoursBetween, 200]) {
        now = new Date(now.getTime() + hours * 3_600_000);
        const { ask, lapse } = plan(living, requests, now);
        for (const { channel, purpose } of [...ask, ...lapse]) expect(foldConsent(living, channel, purpose, now).state).toBe('unconfirmed');
        if (ask.length > 0) requests.push(asked(`request-${requests.length}`, now, ask.flatMap(({ consentIds }) => consentIds)));
        living = [...living, ...lapse.map(({ channel, purpose }) => consentEvent({ kind: 'expired', channel, purpose, happenedAt: now, id: `lapse-${now.getTime()}-${channel}` }))];
        // Putting down what is due leaves nothing due.
        const again = plan(living, requests, now);
        expect([again.ask, again.lapse]).toEqual([[], []]);
      }
      const counts = Map.groupBy(requests.flatMap(({ consentIds }) => consentIds), (id) => id);
      for (const same of counts.values()) expect(same.length).toBeLessThanOrEqual(3);
      expect(pendingConsents(living, now)).toEqual([]);
    }));
  });

  it('a request changes nothing of what is allowed, and a lapse ends no consent that is in force', () => {
    fc.assert(fc.property(events, (ledger) => {
      const { lapse } = plan(ledger, [asked('1', new Date(0), ledger.map(({ id }) => id))], NOW);
      const after = [...ledger, ...lapse.map(({ channel, purpose }) => consentEvent({ kind: 'expired', channel, purpose, happenedAt: NOW, id: `lapse-${channel}` }))];
      for (const channel of ['email', 'call'] as const) {
        const [before, since] = [ledger, after].map((each) => foldConsent(each, channel, 'marketing', NOW).grants.map(({ id }) => id));
        expect(since).toEqual(before);
      }
    }));
  });
});

describe('a consent that ends', () => {
  const ending = (changes: Partial<ConsentEvent> = {}) => consentEvent({ happenedAt: NOW, expiresAt: at('P1Y'), ...changes });
  const renewal = (ledger: ConsentEvent[], now: Date, { before = 'P30D', requests = [] as ConfirmationRequest[], silence = SILENCE } = {}) =>
    planRenewal(ledger, requests, silence, { renewal: { before } }, now);

  it.each<[string, ConsentEvent[], string, number]>([
    ['is not renewed long before its end', [ending()], 'P10M', 0],
    ['is from thirty days before its end', [ending()], 'P11M1D', 1],
    ['is not once it has ended', [ending()], 'P1Y', 0],
    ['is not where another one outlasts it', [ending(), ending({ id: 'other', expiresAt: at('P2Y') })], 'P11M1D', 0],
    ['is not where another one has no end', [ending(), ending({ id: 'other', expiresAt: null })], 'P11M1D', 0],
    ['is not before half of a short life is over', [ending({ expiresAt: at('P20D') })], 'P9D', 0],
    ['is from then on', [ending({ expiresAt: at('P20D') })], 'P10D', 1],
    ['is not after a withdrawal', [ending(), consentEvent({ id: 'no', kind: 'revoked', happenedAt: at('P1D') })], 'P11M1D', 0],
  ])('%s', (_, ledger, moment, count) => {
    expect(renewal(ledger, at(moment)).renew).toHaveLength(count);
  });

  it('is asked about once, never against a suppression, and not at all where settings say nothing', () => {
    const request = { ...asked('1', NOW, [ending().id]), kind: 'renewal' as const };
    expect(renewal([ending()], at('P11M1D'), { requests: [request] }).renew).toEqual([]);
    expect(renewal([ending()], at('P11M1D'), { silence: { ...SILENCE, unclearOptOuts: [{ id: '1', channel: 'all', statedAt: NOW }] } }).renew).toEqual([]);
    expect(planRenewal([ending()], [], SILENCE, DEFAULT_SETTINGS, at('P11M1D'))).toEqual({ renew: [], next: null });
    expect(renewal([ending()], NOW).next).toEqual(plus(at('P1Y'), 'P30D', -1));
  });
});

describe('deadlines of requests', () => {
  it.each([
    ['a month in the Union, clamped to its end', ['DE'], '2027-01-31T00:00:00Z', [['answer', '2027-02-28']]],
    ['business days leave weekends out', ['US-CA'], '2026-11-27T10:00:00Z', [['acknowledge', '2026-12-11'], ['answer', '2027-01-11']]],
    ['no law, no deadline', ['BR'], '2026-11-27T10:00:00Z', []],
    ['a law that was not in force yet', ['US-CA'], '2019-01-01T10:00:00Z', []],
  ])('%s', (_, jurisdictions, moment, expected) => {
    const found = deadlinesOf({ kind: 'access', requestedAt: new Date(moment) }, policiesFor(jurisdictions));
    expect(found.map(({ kind, dueAt }) => [kind, dueAt.toISOString().slice(0, 10)])).toEqual(expected);
  });
});

describe('what persons are told', () => {
  const places = (wording: Wording) => {
    const found: Record<string, string[]> = {};
    const walk = (value: unknown, path: string): void => {
      if (typeof value === 'string') found[path] = [...value.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
      else for (const [name, inner] of Object.entries(value as object)) walk(inner, `${path}/${name}`);
    };
    walk(wording, '');
    return found;
  };

  it.each(LANGUAGES)('has the same places to fill in every language: %s', (language) => {
    expect(places(WORDINGS[language])).toEqual(places(WORDINGS.en));
  });
});
