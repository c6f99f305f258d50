import type { Db } from '../db/connection.ts';
import { loadPersons, tokensOfLeads } from '../db/gate-facts.ts';
import { currentSettings } from '../db/settings.ts';
import type { GateFacts, ReasonCode } from '../domain/clearance.ts';
import { outlook, standingReasons, type Law } from '../domain/decide.ts';
import { dncStateOf } from '../domain/dnc-state.ts';
import type { DncState } from '../domain/lead.ts';
import { marketingQuestion } from '../domain/marketing.ts';
import { policiesFor } from '../domain/policies/book.ts';
import { strongestFirst } from '../domain/review.ts';
import { ConsentTexts } from './consent-texts.ts';
import { factsOf, listsIn } from './facts.ts';

/** Somebody on the books, and the law that applies. */
export interface Person {
  facts: GateFacts;
  law: Law;
}

/** What the gate knows at a moment about some leads, by lead id, for a question of the company's own and of no campaign. */
export async function peopleOfLeads(db: Db, leadIds: readonly string[], at: Date): Promise<Map<string, Person>> {
  const wanted = new Set(leadIds);
  const tokens = await tokensOfLeads(db, { leadIds: [...wanted] });
  const rows = await loadPersons(db, { tokens: [...new Set(tokens.map(({ token }) => String(token)))] });
  const { settings } = await currentSettings(db);
  const texts = new ConsentTexts();
  await texts.read(db, rows.flatMap(({ consents }) => consents ?? []));
  const shared = {
    lists: listsIn(rows, settings),
    campaign: [],
    at,
    namesSeller: (consent: Parameters<ConsentTexts['names']>[1]) => texts.names(settings.company.name, consent),
  };
  return new Map(rows.flatMap((row) => {
    if (row.id === null || !wanted.has(row.id)) return [];
    const law = { policies: policiesFor(row.jurisdictions ?? []), settings };
    return [[row.id, { facts: factsOf(row, shared), law }] as const];
  }));
}

/** What stands against a marketing call of the company's own people, hours aside; from when one is allowed; what lists say. */
export function prospectOf({ facts, law }: Person, now: Date): { blockers: ReasonCode[]; from: Date | null; dncState: DncState } {
  const { name } = law.settings.company;
  const { reasons, from } = outlook(marketingQuestion(name, 'call'), facts, law, now);
  const messages = standingReasons(marketingQuestion(name, 'sms'), facts, law, now);
  return { blockers: strongestFirst(reasons), from, dncState: dncStateOf(facts, [...reasons, ...messages]) };
}
