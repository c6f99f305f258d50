import type { Db } from '../db/connection.ts';
import { readLeadFacts } from '../db/lead-facts.ts';
import { sampleLeads } from '../db/lead-sample.ts';
import { plus } from '../domain/civil-time.ts';
import type { LeadFacts } from '../domain/lead.ts';
import { review, type Review } from '../domain/review.ts';
import type { Settings } from '../domain/settings.ts';
import { peopleOfLeads, type Person } from './people.ts';

/** Leads looked at one by one at most; beyond, what is said of all is an estimate from so many. */
const MOST_LOOKED_AT = 1_000;
const BATCH = 50;
const SOON = 'P30D';

/** Leads by what is due for them, under the settings in force and under others. */
interface Compared {
  current: number;
  proposed: number;
}

export interface RetentionPreview {
  basis: { leads: number; lookedAt: number; isExact: boolean };
  atOnce: { archive: Compared; dispose: Compared };
  within30Days: { archive: Compared; dispose: Compared };
  /** Leads whose date of archive or disposal comes earlier, and later. */
  moved: { earlier: number; later: number };
}

/** What other settings would archive and destroy, now and soon, over the leads that are looked at: all, where they are few. */
export async function previewRetention(db: Db, settings: Settings, now: Date): Promise<RetentionPreview> {
  const { ids, leads, isExact } = await sampleLeads(db, MOST_LOOKED_AT);
  const found: Dates[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    found.push(...(await datesOf(db, ids.slice(from, from + BATCH), settings, now)));
  }
  const number = (is: (dates: Dates) => boolean) => found.filter(is).length;
  const compare = (is: (ends: Ends) => boolean) => ({
    current: number(({ current }) => is(current)), proposed: number(({ proposed }) => is(proposed)),
  });
  const until = (end: Date) => ({
    archive: compare((ends) => isArchivedBy(ends, end)), dispose: compare((ends) => isDisposedBy(ends, end)),
  });
  return {
    basis: { leads, lookedAt: ids.length, isExact },
    atOnce: until(now),
    within30Days: until(plus(now, SOON)),
    moved: { earlier: number((dates) => moves(dates) < 0), later: number((dates) => moves(dates) > 0) },
  };
}

type Ends = Pick<Review, 'archiveDueAt' | 'retainUntil'> & { isHeld: boolean };

interface Dates {
  current: Ends;
  proposed: Ends;
}

async function datesOf(db: Db, ids: readonly string[], settings: Settings, now: Date): Promise<Dates[]> {
  const living: LeadFacts[] = [];
  for (const id of ids) {
    const facts = await readLeadFacts(db, id, now);
    if (facts && !facts.disposedAt) living.push(facts);
  }
  const people = await peopleOfLeads(db, living.map(({ id }) => id), now);
  return living.flatMap((facts) => {
    const person = people.get(facts.id);
    if (!person) return [];
    return [{ current: endsOf(facts, person, person.law.settings, now), proposed: endsOf(facts, person, settings, now) }];
  });
}

function endsOf(facts: LeadFacts, person: Person, settings: Settings, now: Date): Ends {
  const { archiveDueAt, retainUntil } = review(facts, person.facts, { ...person.law, settings }, now);
  return { archiveDueAt, retainUntil, isHeld: facts.isHeld };
}

function isDisposedBy({ retainUntil, isHeld }: Ends, end: Date): boolean {
  return !isHeld && retainUntil !== null && retainUntil <= end;
}

/** What has been destroyed by then counts as destroyed. */
function isArchivedBy(ends: Ends, end: Date): boolean {
  return ends.archiveDueAt !== null && ends.archiveDueAt <= end && !isDisposedBy(ends, end);
}

/** Whether the first of its dates that differs comes earlier (below zero) or later. */
function moves({ current, proposed }: Dates): number {
  const by = (one: Date | null, other: Date | null) => (other?.getTime() ?? 0) - (one?.getTime() ?? 0);
  return by(current.retainUntil, proposed.retainUntil) || by(current.archiveDueAt, proposed.archiveDueAt);
}
