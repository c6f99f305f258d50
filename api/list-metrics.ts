import { Gauge } from 'prom-client';
import type { Db } from '../db/connection.ts';
import { readAgingRegistries } from '../gate/list-freshness.ts';
import type { Measure } from './metrics-server.ts';
import type { Metrics } from './metrics.ts';

/** Measures how old the do-not-call lists are, and how long they will do. A list without a release has neither. */
export function measureLists(metrics: Metrics, db: Db, now: () => Date): Measure {
  const shared = { labelNames: ['list'], registers: [metrics.registry] };
  const age = new Gauge({ name: 'leadwarden_list_age_seconds', help: 'Since the moment as of which the release in force is', ...shared });
  const staleIn = new Gauge({
    name: 'leadwarden_list_stale_in_seconds', help: 'Until the release in force is too old by the strictest rule that binds; negative since', ...shared,
  });
  return async () => {
    const at = now();
    const lists = await readAgingRegistries(db, at, 0).catch(() => []);
    age.reset();
    staleIn.reset();
    for (const { id: list, ageMs, freshness: { staleAt } } of lists) {
      if (ageMs !== null) age.set({ list }, ageMs / 1_000);
      if (staleAt !== null) staleIn.set({ list }, (staleAt.getTime() - at.getTime()) / 1_000);
    }
  };
}
