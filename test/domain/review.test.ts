import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plus } from '../../domain/civil-time.ts';
import type { LeadFacts } from '../../domain/lead.ts';
import { POLICIES } from '../../domain/policies/book.ts';
import type { Policy } from '../../domain/policy.ts';
import { review } from '../../domain/review.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { NOW, consentEvent, leadFacts } from './facts.ts';

const suppression = (channel: 'all' | 'call') => ({ id: 's', kind: 'opt_out' as const, channel,
  reportedAt: new Date('2026-11-20T00:00:00Z'), receivedAt: new Date('2026-11-20T00:00:00Z'), liftedAt: null,
});
const policiesOf = (facts: LeadFacts): Policy[] => facts.jurisdictions.flatMap((name) => POLICIES.get(name) ?? []);
const reviewed = (facts: LeadFacts, now = NOW) => review(facts, policiesOf(facts), DEFAULT_SETTINGS, now);
const arrival = leadFacts().acquisitions.last;

describe('the stage of a lead', () => {
  it.each<[string, Partial<LeadFacts>, string]>([
    ['a lead that just came in is active', {}, 'active'],
    ['an opt-out from everything suppresses it', { suppressions: [suppression('all')] }, 'suppressed'],
    ['an opt-out from calls leaves the other channels', { suppressions: [suppression('call')] }, 'active'],
    ['archived is archived, whatever else is known', { archivedAt: NOW, suppressions: [suppression('all')] }, 'archived'],
    ['disposed of is the end', { archivedAt: NOW, disposedAt: NOW }, 'disposed'],
  ])('%s', (_, changes, stage) => {
    expect(reviewed(leadFacts(changes)).stage).toBe(stage);
  });
});

describe('when a lead leaves the hot tables', () => {
  it('is a year after the last thing that happened, counted from when we learned of it', () => {
    expect(reviewed(leadFacts()).archiveDueAt).toEqual(new Date('2027-11-22T11:00:00Z'));
  });

  it('is thirty days after it was first seen suppressed', () => {
    expect(reviewed(leadFacts({ suppressions: [suppression('all')] })).archiveDueAt).toEqual(plus(NOW, 'P30D'));
    const since = new Date('2026-11-10T00:00:00Z');
    const facts = leadFacts({ suppressions: [suppression('all')], stage: 'suppressed', stageSince: since });
    expect(reviewed(facts).archiveDueAt).toEqual(plus(since, 'P30D'));
  });

  it('is not asked any more of an archived lead', () => {
    expect(reviewed(leadFacts({ archivedAt: NOW })).archiveDueAt).toBeNull();
  });
});

describe('how long a lead is kept', () => {
  it('is six months after its last acquisition when no consent stands', () => {
    expect(reviewed(leadFacts()).retainUntil).toEqual(new Date('2027-05-22T11:00:00Z'));
  });

  it('is five years after a consent in the United States, counted from when we learned of it', () => {
    expect(reviewed(leadFacts({ consents: [consentEvent()] })).retainUntil).toEqual(new Date('2031-11-22T11:00:00Z'));
  });

  it('does not count a consent as unused before it lapses', () => {
    const until = new Date('2027-11-22T00:00:00Z');
    const facts = leadFacts({ jurisdictions: ['GB'], consents: [consentEvent({ expiresAt: until })] });
    expect(reviewed(facts).retainUntil).toEqual(plus(until, 'P6M'));
  });

  it('takes the longest of several duties', () => {
    const facts = leadFacts({ jurisdictions: ['CN', 'DE'], consents: [consentEvent()] });
    expect(reviewed(facts).retainUntil).toEqual(new Date('2031-11-22T11:00:00Z'));
  });

  it('never makes a back-dated lead due on arrival', () => {
    const old = { ...arrival, acquiredAt: new Date('1999-01-01T00:00:00Z') };
    const facts = leadFacts({ acquisitions: { count: 1, first: old, last: old } });
    const { archiveDueAt, retainUntil } = reviewed(facts);
    expect(archiveDueAt?.getTime()).toBeGreaterThan(NOW.getTime());
    expect(retainUntil?.getTime()).toBeGreaterThan(NOW.getTime());
  });
});

describe('when to look again', () => {
  it('is soon after the next thing that time changes', () => {
    const lapse = plus(NOW, 'P3D');
    const { reviewAt } = reviewed(leadFacts({ consents: [consentEvent({ expiresAt: lapse })] }));
    expect(reviewAt?.getTime()).toBeGreaterThanOrEqual(lapse.getTime());
    expect(reviewAt?.getTime()).toBeLessThanOrEqual(plus(lapse, 'PT1H').getTime());
  });

  it('is never for a lead that is disposed of', () => {
    expect(reviewed(leadFacts({ disposedAt: NOW })).reviewAt).toBeNull();
  });

  it('lies between a second and thirty days ahead for any facts, and is the same for the same facts', () => {
    fc.assert(
      fc.property(situations(), ([facts, now]) => {
        const { reviewAt } = reviewed(facts, now);
        expect(reviewed(facts, now).reviewAt).toEqual(reviewAt);
        if (facts.disposedAt) return expect(reviewAt).toBeNull();
        expect(reviewAt?.getTime()).toBeGreaterThanOrEqual(now.getTime() + 1000);
        expect(reviewAt?.getTime()).toBeLessThanOrEqual(plus(now, 'P30D').getTime());
      }),
    );
  });

  it('never skips a moment at which the review would say something else', () => {
    fc.assert(
      fc.property(situations(), fc.double({ min: 0, max: 1, noNaN: true }), ([facts, now], share) => {
        const { reviewAt, ...before } = reviewed(facts, now);
        if (!reviewAt) return;
        // An hour of jitter is the price of not waking a million leads in the same second.
        const between = new Date(now.getTime() + share * (reviewAt.getTime() - 3_600_001 - now.getTime()));
        if (between <= now) return;
        const { reviewAt: _, ...after } = reviewed({ ...facts, stage: before.stage }, between);
        expect(after.stage).toBe(before.stage);
        expect(after.consentState).toBe(before.consentState);
        expect(after.retainUntil).toEqual(before.retainUntil);
      }),
    );
  });

  it('spreads leads that came in together over the hour', () => {
    const lapse = plus(NOW, 'P3D');
    const moments = Array.from({ length: 200 }, (_, n) => {
      const id = `019a0000-0000-7000-8000-000000${(n * 83_886).toString(16).padStart(6, '0')}`;
      return reviewed(leadFacts({ id, consents: [consentEvent({ expiresAt: lapse })] })).reviewAt?.getTime();
    });
    expect(new Set(moments).size).toBe(200);
  });
});

it('the grounds are plain sentences about the facts', () => {
  const facts = leadFacts({ suppressions: [suppression('all')] });
  expect(reviewed(facts).why).toEqual([
    'Acquired on 2026-11-21 from spring-fair.',
    'Own suppression (opt_out, all) since 2026-11-20.',
  ]);
});

function situations() {
  const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2032-01-01'), noInvalidDate: true });
  return fc
    .record({
      now: moment,
      ago: fc.tuple(fc.nat(900 * 86_400_000), fc.nat(900 * 86_400_000)),
      tail: fc.nat(0xffffff),
      jurisdictions: fc.subarray(['US', 'DE', 'CN', 'GB', 'US-FL'], { minLength: 1 }),
      lapses: fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 3 }),
      suppressed: fc.boolean(),
      ended: fc.constantFrom('no', 'archived', 'disposed'),
    })
    .map(({ now, ago, tail, jurisdictions, lapses, suppressed, ended }): [LeadFacts, Date] => {
      const receivedAt = new Date(now.getTime() - ago[0]);
      const one = { ...arrival, receivedAt, acquiredAt: new Date(receivedAt.getTime() - ago[1]) };
      const consents = lapses.map((days, index) =>
        consentEvent({ id: `c${index}`, happenedAt: one.acquiredAt, receivedAt, expiresAt: new Date(now.getTime() + days * 86_400_000) }),
      );
      const facts = leadFacts({
        id: `019a0000-0000-7000-8000-000000${tail.toString(16).padStart(6, '0')}`,
        jurisdictions,
        consents,
        acquisitions: { count: 1, first: one, last: one },
        suppressions: suppressed ? [suppression('all')] : [],
        stage: suppressed ? 'suppressed' : 'acquired',
        stageSince: receivedAt,
        archivedAt: ended === 'archived' ? now : null,
        disposedAt: ended === 'disposed' ? now : null,
      });
      return [facts, now];
    });
}
