import type { Db } from '../db/connection.ts';
import { countListedLeads, countsAreOld } from '../db/list-counts.ts';
import { addListWarnings, type ListWarning } from '../db/list-warnings.ts';
import { plus } from '../domain/civil-time.ts';
import type { ListWatch } from '../domain/list-watch-card.ts';
import { readAgingRegistries, type AgingRegistry } from '../gate/list-freshness.ts';

const COUNTS_KEPT = 'P1D';

export interface ListWatchDependencies {
  db: Db;
  now: () => Date;
  /** How long before a list goes stale it is said, in days. */
  listWarningDays: number;
  log: { warn(facts: object, message: string): void };
}

/** The activities behind the watch over the lists. */
export function createListWatchActivities({ db, now, listWarningDays, log }: ListWatchDependencies) {
  return {
    /** Looks how fresh every list is, and says of each release once that it goes stale soon and once that it has. */
    async watchLists(): Promise<Omit<ListWatch, 'counted'>> {
      const at = now();
      const lists = await readAgingRegistries(db, at, listWarningDays);
      const added = await addListWarnings(db, lists.flatMap((list) => warningOf(list, at)));
      for (const { list, releaseId, kind, staleAt } of added) {
        log.warn({ event: kind, list, releaseId, staleAt: staleAt.toISOString() }, MESSAGES[kind]);
      }
      return { lists: lists.map(watchedOf), warned: added.map(({ kind, list }) => `${kind} ${list}`) };
    },

    /** Counts the leads on lists by source, where the counts are of yesterday or of an earlier release; answers whether. */
    async countListed(): Promise<boolean> {
      const at = now();
      if (!(await countsAreOld(db, plus(at, COUNTS_KEPT, -1)))) return false;
      await countListedLeads(db, at);
      return true;
    },
  };
}

const MESSAGES: Record<ListWarning['kind'], string> = {
  'list.stale-soon': 'a list goes stale soon, and then holds up the calls that need it: load a newer release',
  'list.stale': 'a list is stale and holds up the calls that need it: load a newer release',
};

function warningOf({ id, release, freshness: { state, staleAt } }: AgingRegistry, at: Date): ListWarning[] {
  if (!release || !staleAt || (state !== 'stale_soon' && state !== 'stale')) return [];
  return [{ list: id, releaseId: release.id, kind: state === 'stale' ? 'list.stale' : 'list.stale-soon', at, staleAt }];
}

function watchedOf({ id, release, freshness: { state, staleAt } }: AgingRegistry): ListWatch['lists'][number] {
  return { list: id, state, asOf: release?.asOf.toISOString() ?? null, staleAt: staleAt?.toISOString() ?? null };
}
