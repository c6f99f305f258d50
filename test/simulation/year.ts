import type { GateFacts, Question } from '../../domain/clearance.ts';
import { DIALER_MODES } from '../../domain/clearance.ts';
import { PURPOSES } from '../../domain/consent.ts';
import type { Chance } from './chance.ts';
import { ABANDONMENT } from './law-tables.ts';
import { bornBy, contact, grant, nextId, withdraw, YEAR_ENDS, YEAR_STARTS, type Person } from './population.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

export interface Asking {
  question: Question;
  facts: GateFacts;
  at: Date;
}

/** A year in the life of one person: what is asked about them, in order, while things happen in between. */
export function* yearOf(chance: Chance, questions: number, isAllowed: (asking: Asking) => boolean): Generator<Asking> {
  const person = bornBy(chance);
  const usual = questionBy(chance);
  const days = Array.from({ length: Math.ceil(questions / 3) }, () => chance.moment(YEAR_STARTS, YEAR_ENDS));
  for (const start of days.sort((one, other) => one.getTime() - other.getTime())) {
    let at = start;
    for (let nth = 0; nth < 3; nth += 1) {
      happen(chance, person, at);
      const question = chance.happens(0.8) ? usual : questionBy(chance);
      const asking = { question, facts: { ...person }, at };
      yield asking;
      if (isAllowed(asking) || chance.happens(0.08)) contact(chance, person, question, at);
      at = new Date(at.getTime() + Math.floor(chance.next() ** 3 * 40 * HOUR));
    }
  }
}

function questionBy(chance: Chance): Question {
  return {
    channel: chance.oneOf(['call', 'call', 'call', 'call', 'sms', 'email'] as const),
    purpose: chance.happens(0.7) ? 'marketing' : chance.oneOf(PURPOSES),
    campaign: chance.oneOf(['spring', 'autumn']), seller: chance.oneOf(['acme', 'acme', 'zenith']),
    dialerMode: chance.happens(0.6) ? 'manual' : chance.oneOf(DIALER_MODES),
    callerId: chance.oneOf(['+911401234567', '1401234567', '+9116001234567', '+12025550100', null]),
  };
}

/** What else goes on: consents, withdrawals, statements, other agents, new states of the lists. */
function happen(chance: Chance, person: Person, at: Date): void {
  const lately = new Date(at.getTime() - Math.floor(chance.next() * 20 * DAY));
  if (chance.happens(0.08)) grant(chance, person, lately);
  if (chance.happens(0.03)) withdraw(chance, person, lately);
  if (chance.happens(0.01)) {
    person.unclearOptOuts.push({ id: nextId('statement'), channel: chance.oneOf(['call', 'all', 'email'] as const), statedAt: lately });
  }
  const until = new Date(at.getTime() + chance.oneOf([-HOUR, HOUR / 6]));
  person.openClearance = chance.happens(0.03) ? { id: nextId('clearance'), until } : null;
  const abandoned = () => chance.oneOf([0, 0, 0, 1, 2, 3, 4]);
  person.campaign = Object.values(ABANDONMENT).map((window) => ({ window, live: 100, abandoned: abandoned() }));
  person.lists = person.lists.map((state) => {
    const asOf = new Date(at.getTime() - Math.floor(chance.next() * (chance.happens(0.8) ? 12 : 45) * DAY));
    return { ...state, release: chance.happens(0.97) ? { id: nextId('release'), asOf } : null };
  });
}
