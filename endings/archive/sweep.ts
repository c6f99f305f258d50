import type { Db } from '../../db/connection.ts';
import { forgetStrays, takeStrays } from '../../db/archive-strays.ts';
import { plus } from '../../domain/civil-time.ts';
import type { ArchiveStore } from './archive-store.ts';

/** Whoever puts an object takes it over within seconds, or never. */
const STRAY_AFTER = 'PT1H';
const AT_ONCE = 100;

/**
 * Removes what lies in the store without being the bundle of a lead, left behind by somebody who was stopped halfway; at most a
 * hundred objects. Answers how many; none where the store does not answer.
 */
export async function sweepArchive({ db, store }: { db: Db; store: ArchiveStore }, now: Date): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const objects = await takeStrays(tx, plus(now, STRAY_AFTER, -1), AT_ONCE);
    const results = await Promise.allSettled(objects.map((object) => store.remove(object)));
    const gone = objects.filter((_, nth) => results[nth]?.status === 'fulfilled');
    await forgetStrays(tx, gone);
    return gone.length;
  });
}
