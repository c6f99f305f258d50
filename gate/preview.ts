import type { Db } from '../db/connection.ts';
import type { Vault } from '../db/vault.ts';
import type { Question } from '../domain/clearance.ts';
import type { Preview, PreviewAsked } from './asked.ts';
import type { Judging } from './judging.ts';
import { latestAt } from './past-facts.ts';
import { forgottenPerson, sortedTokens, tokensOf } from './persons.ts';
import { listsAt } from './past-lists.ts';
import { answerOf } from './records.ts';

interface Means {
  db: Db;
  vault: Vault;
  judging: Judging;
  now: () => Date;
}

/** What the answer to a question would be at some moment, with everything that is known now. */
export async function previewOf({ db, vault, judging, now }: Means, { person, question, at }: PreviewAsked): Promise<Preview> {
  const [token = null] = await tokensOf(db, vault, [person]);
  const round = await judging.read({ db, persons: [person], tokens: sortedTokens([token]), now: at === null ? now : () => at });
  const found = token === null ? null : round.reading.rowOf(person, token);
  const row = found ?? (await forgottenPerson(db, person));
  const latest = at === null ? {} : await latestAt(db, row, at);
  const number = at === null ? null : round.reading.numberOf(person);
  const isPast = at !== null && number !== null;
  const { lists, hits } = isPast ? await listsAt(db, { round, row, number, at }) : { ...round, hits: row.hits };
  const whole: Question = {
    campaign: null, seller: round.settings.settings.company.name, dialerMode: 'manual', callerId: null, ...question,
  };
  return answerOf(await judging.judge({ ...round, lists }, whole, { ...row, hits, ...latest }), round.at);
}
