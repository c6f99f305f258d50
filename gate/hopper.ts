import type { Db } from '../db/connection.ts';
import { contactAreas, walkHopper, type HopperPlace, type HopperWalk } from '../db/hopper.ts';
import { currentSettings } from '../db/settings.ts';
import { areaOfName, isOpenArea } from '../domain/contact-area.ts';
import { decide } from '../domain/decide.ts';
import { marketingQuestion } from '../domain/marketing.ts';
import { policiesFor } from '../domain/policies/book.ts';
import { peopleOfLeads } from './people.ts';

/** Leads looked at for one page, and at a time. */
const MOST_LOOKED_AT = 5_000;
const STEP = 250;
/** Judged in one go, even when fewer are wanted. */
const FEWEST_JUDGED = 20;

export interface Hopper {
  leadIds: string[];
  /** Where the next page begins; null when nobody is left. */
  next: HopperPlace | null;
}

/**
 * Leads that may be called at this moment, longest waiting first. The index says who comes into question, the gate's own rules
 * say who may: a page can be short, or empty, and still have a next one.
 */
export async function leadsToCall(
  db: Db, filter: Omit<HopperWalk, 'areas' | 'until'>, limit: number, now: Date,
): Promise<Hopper> {
  const { settings } = await currentSettings(db);
  const question = marketingQuestion(settings.company.name, 'call');
  const areas = (await contactAreas(db)).filter((name) => {
    const area = areaOfName(name);
    return isOpenArea(area, policiesFor(area.jurisdictions), question, now);
  });
  const leadIds: string[] = [];
  let { after } = filter;
  for (let lookedAt = 0; areas.length > 0 && lookedAt < MOST_LOOKED_AT; lookedAt += STEP) {
    const places = await walkHopper(db, { ...filter, areas, until: now, after }, STEP);
    const fitting = places.filter(({ fits }) => fits).map(({ id }) => id);
    const allowed = await allowedAmong(db, fitting, limit + 1 - leadIds.length, now);
    for (const place of places) {
      if (allowed.has(place.id) && leadIds.length === limit) return { leadIds, next: after };
      if (allowed.has(place.id)) leadIds.push(place.id);
      after = { from: place.from, id: place.id };
    }
    if (places.length < STEP) return { leadIds, next: null };
  }
  return { leadIds, next: areas.length === 0 ? null : after };
}

/** Those of some leads whom the gate would clear now; it stops when it has found as many as are wanted. */
async function allowedAmong(db: Db, leadIds: readonly string[], wanted: number, now: Date): Promise<Set<string>> {
  const allowed = new Set<string>();
  const size = Math.max(wanted, FEWEST_JUDGED);
  for (let start = 0; start < leadIds.length && allowed.size < wanted; start += size) {
    const people = await peopleOfLeads(db, leadIds.slice(start, start + size), now);
    for (const [id, { facts, law }] of people) {
      const question = marketingQuestion(law.settings.company.name, 'call');
      if (decide(question, facts, law, now).decision === 'allow') allowed.add(id);
    }
  }
  return allowed;
}
