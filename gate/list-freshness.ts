import type { Db } from '../db/connection.ts';
import { readRegistries, type ListedRegistry } from '../db/list-reports.ts';
import { currentSettings } from '../db/settings.ts';
import { freshnessOf, type Freshness } from '../domain/list-freshness.ts';
import { policiesOnLists } from '../domain/policies/book.ts';

/** A list with how fresh it is. */
export interface AgingRegistry extends ListedRegistry {
  /** Since the moment as of which its release is; null without one. */
  ageMs: number | null;
  freshness: Freshness;
}

/** Every list by id, judged by law and settings as the gate does; `stale_soon` within `warningDays` of going stale. */
export async function readAgingRegistries(db: Db, now: Date, warningDays: number): Promise<AgingRegistry[]> {
  const [registries, { settings }] = await Promise.all([readRegistries(db), currentSettings(db)]);
  return registries.map((registry) => {
    const { id, jurisdiction, release } = registry;
    const asked = { policies: policiesOnLists(jurisdiction), required: settings.lists.required, warningDays, now };
    const freshness = freshnessOf({ id, jurisdiction, asOf: release?.asOf ?? null }, asked);
    return { ...registry, ageMs: release && now.getTime() - release.asOf.getTime(), freshness };
  });
}
