import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Decision, GateFacts, Question, ReasonCode } from '../../domain/clearance.ts';
import { REASON_EFFECTS } from '../../domain/clearance.ts';
import { decide } from '../../domain/decide.ts';
import { policiesFor } from '../../domain/policies/book.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../domain/settings.ts';
import { JURISDICTIONS, ZONES, anyFacts, askedAt, consents, contacts, passingFacts, questions } from './gate-arbitraries.ts';
import { NOON, ask, asking, contact, dated, gateFacts, grant, hoursBefore, page, suppression, withdrawal } from './gate-facts.ts';

const RUNS = { seed: 20_261_124, numRuns: 400 };
const anyOrPassing = fc.oneof(anyFacts, passingFacts);
const PASSING: readonly ReasonCode[] = ['call_window', 'attempt_cap', 'cooldown', 'open_clearance'];

function decided(question: Question, facts: GateFacts, at: Date, settings: Settings = DEFAULT_SETTINGS): Decision {
  return decide(question, facts, { policies: policiesFor(facts.lead?.jurisdictions ?? []), settings }, at);
}

const passing = ({ reasons }: Decision) => reasons.filter(({ code }) => PASSING.includes(code));

/** A decision without the order in which its findings were made. */
function inAnyOrder({ decision, notBefore, reasons }: Decision): unknown {
  const found = reasons.map((reason) => JSON.stringify({ ...reason, facts: [...reason.facts].sort() }));
  return { decision, notBefore, reasons: found.sort() };
}

describe('an answer', () => {
  test('has all findings at once: of the lead, of its consents, of every jurisdiction, weaker law among them', () => {
    const florida = page('US-FL', { call_window: [dated({ hours: {}, closedOnHolidays: false, dialing: 'any' })] });
    const federal = page('US', florida.values);
    const { decision, reasons, notBefore } = ask({
      policies: [federal, florida],
      lead: { archivedAt: NOON },
      facts: { suppressions: [suppression()], consents: [withdrawal()], contacts: [contact({ startedAt: hoursBefore(0.5) })] },
    });
    expect({ decision, notBefore }).toEqual({ decision: 'deny', notBefore: null });
    expect(reasons.map(({ code, jurisdiction }) => `${jurisdiction} ${code}`)).toEqual([
      'company lead_archived', 'company suppressed', 'company consent_revoked', 'US call_window', 'US-FL call_window', 'company cooldown',
    ]);
  });

  test('of several quiet times waits for the last, and there for the hours', () => {
    const federal = page('US', { call_window: [dated({ hours: { thu: [[600, 1200]] }, closedOnHolidays: false, dialing: 'any' })] });
    const contacts = [contact({ outcome: 'no_answer', startedAt: hoursBefore(1) })];
    expect(ask({ policies: [federal], facts: { contacts } }).notBefore).toEqual(new Date('2027-01-14T15:00:00Z'));
  });

  test('names the consents it looked at', () => {
    expect(ask({ facts: { consents: [grant(), withdrawal(), grant({ id: 'sms', channel: 'sms' })] } }).checked.consents).toEqual(['grant', 'withdrawal']);
  });

  test('about a moment of the past leaves out what came later', () => {
    const facts = { consents: [withdrawal()], suppressions: [suppression()], contacts: [contact()] };
    expect(ask({ facts, at: '2027-01-05T17:00:00Z' }).decision).toBe('allow');
    expect(ask({ facts }).decision).toBe('deny');
  });
});

describe('whatever the facts', () => {
  test('the decision follows from the effects of its reasons', () => {
    fc.assert(fc.property(questions, anyFacts, askedAt, (question, facts, at) => {
      const { decision, reasons } = decided(question, facts, at);
      const effects = reasons.map(({ effect }) => effect);
      expect(decision).toBe(effects.includes('deny') ? 'deny' : effects.includes('hold') ? 'hold' : 'allow');
      for (const { code, effect } of reasons) expect(effect).toBe(REASON_EFFECTS[code]);
    }), RUNS);
  });

  test('the same facts give the same answer, in any order of arrival', () => {
    fc.assert(fc.property(questions, anyFacts, askedAt, fc.infiniteStream(fc.nat()), (question, facts, at, weights) => {
      const shuffled = <Item>(items: readonly Item[]): Item[] => {
        const weighed = items.map((item) => ({ item, weight: weights.next().value ?? 0 }));
        return weighed.sort((a, b) => a.weight - b.weight).map(({ item }) => item);
      };
      const { acquisitions, consents, contacts, lists, suppressions, relationships } = facts;
      const mixed = {
        ...facts, acquisitions: shuffled(acquisitions), consents: shuffled(consents), contacts: shuffled(contacts),
        lists: shuffled(lists), suppressions: shuffled(suppressions), relationships: shuffled(relationships),
      };
      expect(inAnyOrder(decided(question, mixed, at))).toEqual(inAnyOrder(decided(question, facts, at)));
    }), RUNS);
  });

  test('what happens later never matters', () => {
    fc.assert(fc.property(questions, anyFacts, consents, contacts, (question, facts, moreConsents, moreContacts) => {
      const at = new Date(NOON.getTime() + 1);
      const later = (moment: Date) => new Date(2 * at.getTime() - moment.getTime());
      const more: GateFacts = {
        ...facts,
        consents: [...facts.consents, ...moreConsents.map((event) => ({ ...event, happenedAt: later(event.happenedAt) }))],
        contacts: [...facts.contacts, ...moreContacts.map((call) => {
          return { ...call, startedAt: later(call.startedAt), endedAt: later(call.startedAt) };
        })],
        suppressions: [...facts.suppressions, suppression({ id: 'later', channel: 'all', reportedAt: later(NOON) })],
        unclearOptOuts: [...facts.unclearOptOuts, { id: 'later', channel: 'all', statedAt: later(NOON) }],
      };
      expect(decided(question, more, at)).toEqual(decided(question, facts, at));
    }), RUNS);
  });

  test('a further zone or jurisdiction never makes it allowed', () => {
    const more = fc.record({ zone: fc.constantFrom(...ZONES), jurisdiction: fc.constantFrom(...JURISDICTIONS) });
    fc.assert(fc.property(questions, anyOrPassing, askedAt, more, (question, facts, at, { zone, jurisdiction }) => {
      const { lead } = facts;
      if (!lead || decided(question, facts, at).decision === 'allow') return;
      const wider = { ...lead, zones: [...lead.zones, zone], jurisdictions: [...lead.jurisdictions, jurisdiction] };
      expect(decided(question, { ...facts, lead: wider }, at).decision).not.toBe('allow');
    }), RUNS);
  });

  test('a suppression never allows', () => {
    fc.assert(fc.property(questions, anyOrPassing, askedAt, fc.boolean(), (question, facts, at, all) => {
      const suppressions = [...facts.suppressions, suppression({ id: 'more', channel: all ? 'all' : question.channel })];
      const { decision, reasons, notBefore } = decided(question, { ...facts, suppressions }, at);
      expect({ decision, notBefore }).toEqual({ decision: 'deny', notBefore: null });
      expect(reasons.some(({ code, facts: seen }) => code === 'suppressed' && seen.includes('suppression:more'))).toBe(true);
    }), RUNS);
  });

  test('a withdrawal after everything else wins, also over consents that are carried in later', () => {
    fc.assert(fc.property(questions, anyFacts, fc.boolean(), fc.boolean(), (question, facts, wide, carriedLater) => {
      const { channel, purpose } = question;
      const scope = wide ? ({ channel: 'all', purpose: 'all' } as const) : { channel, purpose };
      const said = withdrawal({ id: 'last', ...scope, happenedAt: NOON });
      const carried = grant({ id: 'carried', channel, purpose, carried: true, happenedAt: new Date(NOON.getTime() + 1) });
      const at = new Date(NOON.getTime() + 2);
      const events = [...facts.consents, said, ...(carriedLater ? [carried] : [])];
      const codes = decided(question, { ...facts, consents: events }, at).reasons.map(({ code }) => code);
      expect(codes).toContain('consent_revoked');
      const explicit = { ...carried, id: 'explicit', carried: false };
      const restored = decided(question, { ...facts, lists: [], consents: [...events, explicit] }, at);
      expect(restored.reasons.map(({ code }) => code)).not.toContain('consent_revoked');
    }), RUNS);
  });

  test('stricter settings never make it allowed', () => {
    const strict = fc.record({
      caps: fc.array(fc.record({ count: fc.nat(2), window: fc.constantFrom('PT24H', 'PT720H') }), { maxLength: 2 }),
      refused: fc.constantFrom('P13M', 'P5Y'),
      required: fc.boolean(),
      lists: fc.subarray(['us-tx', 'ours']),
    });
    fc.assert(fc.property(questions, anyOrPassing, askedAt, strict, (question, facts, at, stricter) => {
      if (decided(question, facts, at).decision === 'allow') return;
      const settings: Settings = {
        ...DEFAULT_SETTINGS,
        caps: [...DEFAULT_SETTINGS.caps, ...stricter.caps],
        cooldown: { ...DEFAULT_SETTINGS.cooldown, refused: stricter.refused },
        reassigned: { required: stricter.required },
        lists: { ...DEFAULT_SETTINGS.lists, required: stricter.lists },
      };
      expect(decided(question, facts, at, settings).decision).not.toBe('allow');
    }), RUNS);
  });

  test('without a release of the list that the law requires nobody is called', () => {
    fc.assert(fc.property(passingFacts, askedAt, (facts, at) => {
      const lead = facts.lead && { ...facts.lead, jurisdictions: ['US'] };
      expect(decided(asking(), { ...facts, lead, lists: [] }, at).decision).not.toBe('allow');
      const old = facts.lists.map((list) => ({ ...list, release: { id: 'old', asOf: new Date(at.getTime() - 31 * 86_400_000 - 1) } }));
      expect(decided(asking(), { ...facts, lead, lists: old }, at).decision).not.toBe('allow');
    }), RUNS);
  });
});

describe('the moment from which it may be asked again', () => {
  test('leaves nothing that passes with time, and a millisecond before something was left', () => {
    fc.assert(fc.property(questions, passingFacts, askedAt, (question, facts, at) => {
      const { notBefore } = decided(question, facts, at);
      if (!notBefore) return;
      expect(notBefore.getTime()).toBeGreaterThan(at.getTime());
      expect(passing(decided(question, facts, notBefore))).toEqual([]);
      expect(passing(decided(question, facts, new Date(notBefore.getTime() - 1)))).not.toEqual([]);
    }), RUNS);
  });

  test('of each reason is when that rule alone is satisfied, once nobody is on the telephone', () => {
    fc.assert(fc.property(questions, passingFacts, askedAt, (question, facts, at) => {
      if (facts.contacts.some(({ endedAt }) => endedAt > at)) return;
      for (const reason of passing(decided(question, facts, at))) {
        if (!reason.notBefore) continue;
        const same = (moment: number) => decided(question, facts, new Date(moment)).reasons
          .filter(({ code, jurisdiction, source }) => {
            return code === reason.code && jurisdiction === reason.jurisdiction && source === reason.source;
          });
        expect(same(reason.notBefore.getTime() - 1)).not.toEqual([]);
        // Two caps of the company look alike: one may outlast the other.
        if (reason.code !== 'attempt_cap') expect(same(reason.notBefore.getTime())).toEqual([]);
      }
    }), RUNS);
  });

  test('is there exactly when there is something to wait for and nothing that time does not cure', () => {
    fc.assert(fc.property(questions, anyOrPassing, askedAt, (question, facts, at) => {
      const { notBefore, reasons } = decided(question, facts, at);
      const curable = reasons.length > 0 && reasons.every((reason) => reason.notBefore !== null);
      expect(notBefore !== null).toBe(curable);
    }), RUNS);
  });

  test('rolls with the clock: moving everything moves it by as much', () => {
    const capped = [page('XX', { attempt_cap: [dated({ count: 2, window: 'PT24H', scope: 'number' })] })];
    const law = { policies: capped, settings: { ...DEFAULT_SETTINGS, cooldown: {} } };
    fc.assert(fc.property(contacts, fc.integer({ min: 1, max: 40 * 3_600_000 }), (calls, by) => {
      const moved = (moment: Date) => new Date(moment.getTime() + by);
      const here = decide(asking(), gateFacts({}, { contacts: calls }), law, NOON);
      const elsewhere = calls.map((call) => ({ ...call, startedAt: moved(call.startedAt), endedAt: moved(call.endedAt) }));
      const there = decide(asking(), gateFacts({}, { contacts: elsewhere }), law, moved(NOON));
      expect(there.decision).toBe(here.decision);
      expect(there.notBefore).toEqual(here.notBefore && moved(here.notBefore));
    }), RUNS);
  });
});
