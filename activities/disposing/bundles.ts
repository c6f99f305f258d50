import { bundlesOf, removedBundlesOf } from '../../db/disposal-work.ts';
import type { Db } from '../../db/connection.ts';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import type { ForgettingStore, StoreAnswer, ToForget } from '../../endings/disposal/forgetting-store.ts';

/** A store that takes longer is asked again later: everybody in the batch waits for it. */
const PATIENCE_MS = 5_000;

/** The archive: every object that may lie there of a lead is removed, and named in the evidence, so that it can be looked for. */
export function bundlesIn(archive: ArchiveStore): ForgettingStore {
  return {
    store: 'archive',
    async forget(db: Db, whom: readonly ToForget[]) {
      const bundles = await bundlesOf(db, whom.map(({ leadId }) => leadId));
      const answers = whom.map(async ({ leadId }): Promise<[string, StoreAnswer]> => {
        const own = bundles.filter((bundle) => bundle.leadId === leadId);
        const removed = await allInTime(own.map(({ object }) => () => archive.remove(object)));
        const evidence = {
          objects: own.map(({ object }) => object),
          sha256: own.flatMap(({ sha256 }) => (sha256 === null ? [] : [sha256])),
        };
        return [leadId, removed ? { problem: null, evidence } : { problem: 'unreachable', evidence: null }];
      });
      return new Map(await Promise.all(answers));
    },
    async findRemains(db: Db, whom: readonly ToForget[]) {
      const removed = await removedBundlesOf(db, whom.map(({ disposalId }) => disposalId));
      const found = whom.map(async ({ disposalId, leadId }) => {
        const objects = removed.get(disposalId) ?? [];
        const remaining = new Set<string>();
        const looked = await allInTime(objects.map((object) => async () => {
          if ((await archive.get(object)) !== null) remaining.add(object);
        }));
        return looked && remaining.size === 0 ? [] : [leadId];
      });
      return new Set((await Promise.all(found)).flat());
    },
  };
}

/** Whether everything that is asked of the store was done before patience ended. */
async function allInTime(asked: readonly (() => Promise<void>)[]): Promise<boolean> {
  if (asked.length === 0) return true;
  const patience = Promise.withResolvers<false>();
  const timer = setTimeout(() => patience.resolve(false), PATIENCE_MS);
  try {
    return await Promise.race([Promise.all(asked.map((ask) => ask())).then(() => true, () => false), patience.promise]);
  } finally {
    clearTimeout(timer);
  }
}
