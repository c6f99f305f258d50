import { expect, test } from '@jest/globals';
import { decide } from '../../domain/decide.ts';
import { policiesFor } from '../../domain/policies/book.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { Chance } from './chance.ts';
import { askNaively } from './naive-gate.ts';
import { yearOf, type Asking } from './year.ts';

const PEOPLE = Number(process.env.SIMULATED_PEOPLE ?? 1000);
const QUESTIONS_EACH = 12;
const SEED = 20_261_124;

interface Difference extends Asking {
  gate: string[];
  naive: string[];
}

function askGate({ question, facts, at }: Asking): { decision: string; reasons: string[] } {
  const law = { policies: policiesFor(facts.lead?.jurisdictions ?? []), settings: DEFAULT_SETTINGS };
  const { decision, reasons } = decide(question, facts, law, at);
  return { decision, reasons: [...new Set(reasons.map(({ code, jurisdiction }) => `${code} ${jurisdiction}`))].sort() };
}

test('a thousand leads in all jurisdictions, asked about for a year, get the answers of a naive gate', () => {
  const chance = new Chance(SEED);
  const differences: Difference[] = [];
  const answers = { allow: 0, deny: 0, hold: 0 };
  for (let person = 0; person < PEOPLE; person += 1) {
    const isAllowed = (asking: Asking) => askGate(asking).decision === 'allow';
    for (const asking of yearOf(chance, QUESTIONS_EACH, isAllowed)) {
      const gate = askGate(asking);
      const naive = askNaively(asking.question, asking.facts, asking.at);
      answers[naive.decision] += 1;
      const gateSays = [gate.decision, ...gate.reasons];
      const naiveSays = [naive.decision, ...naive.reasons];
      if (gateSays.join() !== naiveSays.join()) differences.push({ ...asking, gate: gateSays, naive: naiveSays });
    }
  }
  expect(differences.filter(({ gate, naive }) => gate[0] === 'allow' && naive[0] !== 'allow')).toEqual([]);
  expect(differences).toEqual([]);
  expect(answers.allow).toBeGreaterThan(PEOPLE);
  expect(answers.hold).toBeGreaterThan(PEOPLE / 10);
});
