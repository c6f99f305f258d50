import { describe, expect, test } from '@jest/globals';
import { DIALER_MODES, type Question } from '../../domain/clearance.ts';
import { CHANNELS, PURPOSES } from '../../domain/consent.ts';
import { decide, type Law } from '../../domain/decide.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../domain/settings.ts';
import { LawBook, lawOf } from '../../gate/law.ts';
import { fromRecord } from '../../gate/recorded-facts.ts';
import { differencesOf } from '../../gate/replay-differences.ts';
import { Chance } from '../simulation/chance.ts';
import { bornBy, contact, grant, withdraw, YEAR_ENDS, YEAR_STARTS, type Person } from '../simulation/population.ts';
import { everyFact, QUESTION } from './facts.ts';

const RECORDS = 10_000;
const SETTINGS: readonly Settings[] = [
  DEFAULT_SETTINGS,
  { ...DEFAULT_SETTINGS, caps: [{ count: 1, window: 'PT48H' }], reassigned: { required: true } },
  { ...DEFAULT_SETTINGS, cooldown: { no_answer: 'P3D', answered: 'P1M' }, confirmation: { ...DEFAULT_SETTINGS.confirmation, required: [{ channel: 'call' }] } },
];

describe('a replay under the law of the answer', () => {
  test(`is equal to it: ${RECORDS} random ones, through the store's format and back`, () => {
    const chance = new Chance(20_261_124);
    const book = new LawBook();
    const kept = new Map<string, Law>();
    const decisions = new Map<string, number>();
    for (let nth = 0; nth < RECORDS; nth += 1) {
      const { question, facts, at } = asked(chance);
      const version = Math.floor(chance.next() * SETTINGS.length);
      const place = { jurisdictions: facts.lead?.jurisdictions ?? [], zones: facts.lead?.zones ?? [], at };
      const edition = book.edition(place, { version, settings: SETTINGS[version] ?? DEFAULT_SETTINGS });
      const answer = asJson(decide(question, facts, edition, at));
      const law = kept.get(edition.version) ?? lawOf(JSON.parse(edition.document));
      kept.set(edition.version, law);
      const again = fromRecord(JSON.stringify({ question, facts, at }));
      const replayed = asJson(decide(again.question, again.facts, law, again.at));
      const differences = differencesOf(answer, replayed);
      if (differences.length > 0) expect({ nth, differences }).toEqual({ nth, differences: [] });
      decisions.set(answer.decision, (decisions.get(answer.decision) ?? 0) + 1);
    }
    expect([...decisions.keys()].sort()).toEqual(['allow', 'deny', 'hold']);
  });
});

describe('what differs between two answers', () => {
  const at = new Date('2026-11-24T18:00:00Z');
  const answerUnder = (settings: Settings) => asJson(decide(QUESTION, everyFact(), { policies: [], settings }, at));

  test('is nothing, whatever the order of reasons', () => {
    const answer = answerUnder(DEFAULT_SETTINGS);
    expect(answer.reasons.length).toBeGreaterThan(1);
    expect(differencesOf(answer, { ...answer, reasons: answer.reasons.toReversed() })).toEqual([]);
  });

  test('is named by place, with what was and what would be', () => {
    const [before, after] = [DEFAULT_SETTINGS, { ...DEFAULT_SETTINGS, caps: [{ count: 1, window: 'PT720H' }] }].map(answerUnder);
    if (!before || !after) throw new Error('no answers');
    const differences = differencesOf(before, after);
    expect(differences.map(({ path }) => path)).toContain('checked/attempts/company/PT24H');
    expect(differences).toContainEqual({
      path: 'reasons/attempt_cap/company', before: null, after: expect.objectContaining({ code: 'attempt_cap' }),
    });
    expect(differencesOf(after, before)).toHaveLength(differences.length);
  });

  test('is found where a reason is there twice', () => {
    const answer = answerUnder(DEFAULT_SETTINGS);
    const twice = { ...answer, reasons: [...answer.reasons, ...answer.reasons.slice(0, 1)] };
    expect(differencesOf(answer, twice)).toHaveLength(1);
  });
});

function asked(chance: Chance): { question: Question; facts: Person; at: Date } {
  const facts = bornBy(chance);
  const question: Question = {
    channel: chance.oneOf(CHANNELS), purpose: chance.oneOf(PURPOSES), campaign: chance.oneOf(['spring', null]), seller: chance.oneOf(['acme', 'other']),
    dialerMode: chance.oneOf(DIALER_MODES), callerId: chance.oneOf(['+12025550100', null]),
  };
  const moment = () => chance.moment(YEAR_STARTS, YEAR_ENDS);
  if (chance.happens(0.5)) grant(chance, facts, moment());
  if (chance.happens(0.2)) withdraw(chance, facts, moment());
  const at = moment();
  for (let left = Math.floor(chance.next() * 6); left > 0; left -= 1) {
    contact(chance, facts, question, new Date(at.getTime() - Math.floor(chance.next() * 40 * 86_400_000)));
  }
  facts.lists = facts.lists.map((list) => {
    const asOf = new Date(at.getTime() - Math.floor(chance.next() * 40 * 86_400_000));
    return chance.happens(0.8) ? { ...list, release: { id: 'release', asOf } } : list;
  });
  return { question, facts, at };
}

function asJson(decision: ReturnType<typeof decide>): Parameters<typeof differencesOf>[0] {
  return JSON.parse(JSON.stringify(decision)) as Parameters<typeof differencesOf>[0];
}
