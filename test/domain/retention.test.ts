import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plus } from '../../domain/civil-time.ts';
import type { GateFacts } from '../../domain/clearance.ts';
import type { LeadFacts } from '../../domain/lead.ts';
import { policiesFor } from '../../domain/policies/book.ts';
import { duties, retention, type Duty } from '../../domain/retention.ts';
import { review } from '../../domain/review.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { NOW, consentEvent, gateFacts, leadFacts } from './facts.ts';

const AT = new Date('2026-11-22T11:00:00Z');
const at = (days: number) => new Date(AT.getTime() + days * 86_400_000);
const kept = (where: string[], lead: Partial<LeadFacts> = {}, consents = gateFacts().consents, now = NOW) =>
  duties(leadFacts(lead), consents, policiesFor(where), DEFAULT_SETTINGS, now);
const words = (all: readonly Duty[]) => all.map(({ ground, jurisdiction, rule, protects, anchor, until }) =>
  [ground, jurisdiction ?? rule, protects, anchor.toISOString().slice(0, 10), until.toISOString().slice(0, 10)].join(' '));
const reviewed = (where: string[], lead: Partial<LeadFacts>, gate: Partial<GateFacts> = {}, now = NOW) =>
  review(leadFacts(lead), gateFacts(gate, { jurisdictions: where }), lawIn(where), now);
const lawIn = (where: string[]) => ({ policies: policiesFor(where), settings: DEFAULT_SETTINGS });

describe('the duties to keep a lead', () => {
  it('are only the company’s wish where nothing has happened', () => {
    expect(words(kept(['US']))).toEqual(['company retention.unusedLead acquisition 2026-11-22 2027-05-22']);
  });

  it('are every call record in the United States: clearances of any answer, contacts from their end, requests', () => {
    const lead = { lastAskedAt: at(1), lastClearedAt: at(1), lastContactAt: at(2), lastRequestAt: at(3) };
    expect(words(kept(['US'], lead))).toEqual([
      'law US subject_request 2026-11-25 2031-11-25', 'law US contact 2026-11-24 2031-11-24', 'law US clearance 2026-11-23 2031-11-23',
      'company retention.contactedLead contact 2026-11-24 2028-11-24', 'company retention.unusedLead acquisition 2026-11-22 2027-05-22',
    ]);
  });

  it('are in Germany the consent from its grant and anew from each use, and nothing else', () => {
    const lead = { lastAskedAt: at(9), lastClearedAt: at(1), lastContactAt: at(2), lastRequestAt: at(3) };
    expect(words(kept(['DE'], lead, [consentEvent()])).filter((duty) => duty.startsWith('law'))).toEqual([
      'law DE use 2026-11-24 2031-11-24', 'law DE consent 2026-11-22 2031-11-22',
    ]);
    expect(words(kept(['DE'], lead)).filter((duty) => duty.startsWith('law'))).toEqual([]);
  });

  it('are in China five months of proof and three years of records of processing', () => {
    expect(words(kept(['CN'], {}, [consentEvent()])).filter((duty) => duty.startsWith('law'))).toEqual([
      'law CN consent 2026-11-22 2029-11-22', 'law CN consent 2026-11-22 2027-04-22',
    ]);
  });

  it('add up over every jurisdiction, and the longest decides', () => {
    const all = kept(['CN', 'US'], { lastAskedAt: at(0) });
    expect(words(all).slice(0, 2)).toEqual(['law US clearance 2026-11-22 2031-11-22', 'law CN clearance 2026-11-22 2029-11-22']);
    expect(retention(leadFacts(), all)).toEqual({ at: new Date('2031-11-22T11:00:00Z'), rule: 'evidence_retention US' });
  });

  it('name their source', () => {
    expect(kept(['DE'], {}, [consentEvent()])[0]).toMatchObject({ rule: 'evidence_retention', source: 'UWG § 7a(2)', jurisdiction: 'DE' });
  });

  it('go by the law of the day of the fact', () => {
    const old = consentEvent({ happenedAt: new Date('2024-10-14T10:00:00Z'), receivedAt: new Date('2024-10-14T10:00:00Z') });
    expect(words(kept(['US'], {}, [old])).filter((duty) => duty.startsWith('law'))).toEqual(['law US consent 2024-10-14 2026-10-14']);
  });

  it('count six months from the lapse of a consent, before and after it lapsed alike', () => {
    const consents = [consentEvent({ expiresAt: at(300) })];
    for (const now of [NOW, at(299), at(300), at(400)]) {
      expect(kept(['FR'], {}, consents, now).find(({ rule }) => rule === 'retention.unusedLead')?.anchor).toEqual(at(300));
    }
  });

  it('do not count the end of a consent that was withdrawn before', () => {
    const consents = [consentEvent({ expiresAt: at(300) }), consentEvent({ id: 'r', kind: 'revoked', happenedAt: at(10), receivedAt: at(10) })];
    expect(kept(['FR'], {}, consents, at(301))[0]?.anchor).toEqual(AT);
  });
});

describe('a retrieval', () => {
  it('moves no reason to keep a lead, only the day on which it goes back', () => {
    const gate = { consents: [consentEvent()] };
    const archived = { archivedWith: { acquisitions: 1, grants: 1 } };
    const back = { ...archived, retrievedUntil: plus(NOW, 'P7D') };
    expect(kept(['FR'], back, gate.consents)).toEqual(kept(['FR'], archived, gate.consents));
    expect(reviewed(['FR'], back, gate).retainUntil).toEqual(reviewed(['FR'], archived, gate).retainUntil);
    expect(reviewed(['FR'], back, gate)).toMatchObject({ archiveDueAt: back.retrievedUntil, archiveRule: 'retrieval' });
  });

  // Acquired again since it was archived, and out of use all the same.
  it.each<[string, Partial<LeadFacts>]>([
    ['asked to be forgotten', { erasureAskedAt: at(-1), lastAskedAt: AT }], ['came from nothing but what is closed', { closedSince: at(-1) }],
  ])('lasts as long as was agreed to for somebody who %s and was acquired again', (_, lead) => {
    const back = { ...lead, archivedWith: { acquisitions: 0, grants: 0 }, retrievedUntil: plus(NOW, 'P7D') };
    expect(reviewed(['US'], back)).toMatchObject({ action: null, archiveDueAt: back.retrievedUntil, archiveRule: 'retrieval' });
    expect(reviewed(['US'], back, {}, back.retrievedUntil).action).toBe('archive');
  });

  it('does not cut short the use of somebody who was acquired again', () => {
    const back = { archivedWith: { acquisitions: 0, grants: 0 }, retrievedUntil: plus(NOW, 'P7D') };
    expect(reviewed(['US'], back)).toMatchObject({ archiveDueAt: new Date('2027-11-22T11:00:00Z'), archiveRule: 'retention.archiveAfter' });
  });
});

describe('once the person asked to be forgotten', () => {
  it('a lead that no law protects is due at once', () => {
    const { action, retainUntil, retainRule } = reviewed(['GB'], { lastContactAt: at(-1), erasureAskedAt: NOW });
    expect([action, retainUntil, retainRule]).toEqual(['dispose', NOW, 'erasure']);
  });

  it('one whose evidence law protects is archived at once and kept for no wish of the company', () => {
    const lead = { lastContactAt: AT, lastAskedAt: AT, erasureAskedAt: NOW };
    const { action, retainUntil, archiveRule } = reviewed(['US'], lead);
    expect([action, archiveRule, retainUntil]).toEqual(['archive', 'erasure', new Date('2031-11-22T11:00:00Z')]);
    expect(kept(['US'], lead).every(({ ground }) => ground === 'law')).toBe(true);
  });

  it('a request to be forgotten is no evidence that would keep the lead by itself', () => {
    expect(reviewed(['US'], { erasureAskedAt: NOW }).action).toBe('dispose');
  });

  it('nothing brings it back but an approved retrieval; what comes in follows the rest into the archive', () => {
    const lead = { lastAskedAt: AT, archivedAt: at(-1), archivedWith: { acquisitions: 0, grants: 0 }, erasureAskedAt: at(-1) };
    expect(reviewed(['US'], lead).action).toBe('archive');
    expect(reviewed(['US'], { ...lead, archivedWith: { acquisitions: 1, grants: 0 } }).action).toBeNull();
    expect(reviewed(['US'], { ...lead, retrievedUntil: plus(NOW, 'P7D') }).action).toBe('bring_back');
  });

  it('an order to keep it is obeyed: archived, not destroyed', () => {
    expect(reviewed(['GB'], { erasureAskedAt: NOW, isHeld: true }).action).toBe('archive');
    expect(reviewed(['GB'], { erasureAskedAt: NOW, archivedAt: NOW, isHeld: true }).action).toBeNull();
  });
});

describe('once everything that a lead came from is closed', () => {
  it('it is archived at once, and what comes in later as it comes; its retention stays', () => {
    const open = reviewed(['US'], { lastAskedAt: AT });
    const closed = reviewed(['US'], { lastAskedAt: AT, closedSince: NOW });
    expect(closed).toMatchObject({ action: 'archive', archiveDueAt: NOW, archiveRule: 'closure', retainUntil: open.retainUntil });
    const early = reviewed(['US'], { closedSince: at(-300) });
    expect([early.archiveRule, early.archiveDueAt]).toEqual(['closure', AT]);
    expect(reviewed(['US'], { closedSince: at(1) }).action).toBeNull();
  });

  it('it is not brought back, unless for a retrieval; what comes in follows the rest into the archive', () => {
    const lead = { archivedAt: NOW, archivedWith: { acquisitions: 0, grants: 0 }, closedSince: NOW };
    expect(reviewed(['US'], { ...lead, closedSince: null }).action).toBe('bring_back');
    expect(reviewed(['US'], lead).action).toBe('archive');
    expect(reviewed(['US'], { ...lead, archivedWith: { acquisitions: 1, grants: 0 } }).action).toBeNull();
    expect(reviewed(['US'], { ...lead, retrievedUntil: plus(NOW, 'P7D') }).action).toBe('bring_back');
  });
});

describe('once only evidence is left', () => {
  it('a lead is archived when the company’s last wish ends', () => {
    const { archiveDueAt, archiveRule } = reviewed(['US'], { lastAskedAt: AT });
    expect([archiveDueAt, archiveRule]).toEqual([new Date('2027-05-22T11:00:00Z'), 'retention.unusedLead']);
  });

  it('one that is destroyed on that day is not archived first', () => {
    const day = new Date('2027-05-22T11:00:00Z');
    expect(reviewed(['GB'], {}).archiveDueAt).toEqual(new Date('2027-11-22T11:00:00Z'));
    expect(reviewed(['GB'], {}, {}, day).action).toBe('dispose');
  });

  it('one whose disposal is open and held is left where it is', () => {
    const lead = { isHeld: true, disposalOpenedAt: AT };
    expect(reviewed(['GB'], lead, {}, at(800)).action).toBeNull();
    expect(reviewed(['GB'], { ...lead, isHeld: false }, {}, at(800)).action).toBe('dispose');
  });

  it('is said to be kept by an order alone only when its time is over or its disposal is open', () => {
    const holdOf = (facts: object, now?: Date) => reviewed(['GB'], facts, {}, now).hold;
    const held = { isHeld: true };
    expect([holdOf({}), holdOf(held), holdOf({ ...held, disposalOpenedAt: AT }), holdOf(held, at(800)), holdOf({}, at(800))])
      .toEqual([null, 'stands', 'keeps', 'keeps', null]);
    expect(holdOf({ isHeld: true, disposalOpenedAt: AT, disposedAt: at(1) }, at(2))).toBeNull();
  });

  it('a held one is archived instead of destroyed, and destroyed when the order ends', () => {
    const day = new Date('2027-05-22T11:00:00Z');
    expect(reviewed(['GB'], { isHeld: true }, {}, day)).toMatchObject({ action: 'archive', archiveRule: 'retention.unusedLead' });
    expect(reviewed(['GB'], { isHeld: true, archivedAt: day }, {}, at(400)).action).toBeNull();
    expect(reviewed(['GB'], { archivedAt: day }, {}, at(400)).action).toBe('dispose');
  });

  it('a withdrawal does not bring it back, a new consent does', () => {
    const lead = { lastAskedAt: AT, archivedAt: at(190), archivedWith: { acquisitions: 1, grants: 0 } };
    const withdrawal = consentEvent({ kind: 'revoked', happenedAt: at(200), receivedAt: at(200) });
    expect(reviewed(['US'], lead, { consents: [withdrawal] }, at(201)).action).toBeNull();
    expect(reviewed(['US'], lead, { consents: [consentEvent({ happenedAt: at(200), receivedAt: at(200) })] }, at(201)).action).toBe('bring_back');
  });
});

describe('the archive is foreseen', () => {
  it('thirty days after the only consent lapses, where one is required', () => {
    const consents = [consentEvent({ expiresAt: at(100) })];
    const ahead = reviewed(['DE'], {}, { consents });
    expect([ahead.stage, ahead.archiveDueAt, ahead.archiveRule]).toEqual(['active', plus(at(100), 'P30D'), 'retention.suppressedLead']);
    const then = reviewed(['DE'], { stage: 'active' }, { consents }, at(100));
    expect([then.stage, then.archiveDueAt]).toEqual(['suppressed', plus(at(100), 'P30D')]);
  });

  it('after quiet time where none is required', () => {
    expect(reviewed(['GB'], {}, { consents: [consentEvent({ expiresAt: at(100) })] })).toMatchObject({ archiveRule: 'retention.archiveAfter' });
  });
});

describe('ends of one day', () => {
  it('spread over most of the next, none early, none a day late', () => {
    fc.assert(fc.property(fc.nat(0xffffff), fc.integer({ min: 1, max: 170 * 24 }), (tail, hoursBefore) => {
      const id = `019a0000-0000-7000-8000-000000${tail.toString(16).padStart(6, '0')}`;
      const due = new Date('2027-05-22T11:00:00Z');
      const now = new Date(due.getTime() - hoursBefore * 3_600_000);
      const { reviewAt, retainUntil } = reviewed(['GB'], { id, hasEmail: false }, { acquisitions: [] }, now);
      expect(retainUntil).toEqual(due);
      const lateMs = (reviewAt?.getTime() ?? 0) - due.getTime();
      if (lateMs >= 0) expect(lateMs).toBeLessThan(20 * 3_600_000);
      // Looked at before, it is looked at again.
      else expect((reviewAt?.getTime() ?? 0) - now.getTime()).toBeGreaterThan(1000);
    }));
  });

  it('do not all come at once', () => {
    const hours = Array.from({ length: 200 }, (_, n) => {
      const id = `019a0000-0000-7000-8000-000000${(n * 83_886).toString(16).padStart(6, '0')}`;
      const { reviewAt } = reviewed(['GB'], { id }, { acquisitions: [] }, new Date('2027-05-20T11:00:00Z'));
      return Math.floor((reviewAt?.getTime() ?? 0) / 3_600_000);
    });
    expect(new Set(hours).size).toBe(20);
  });
});
