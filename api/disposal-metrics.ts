import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import type { Db } from '../db/connection.ts';
import { disposalFigures } from '../db/disposals.ts';
import { plus } from '../domain/civil-time.ts';
import { DISPOSAL_OVERDUE_AFTER } from '../domain/disposal.ts';
import type { Metrics } from './metrics.ts';

const MOST_COUNTED = 10_000;

/** How many persons wait to be forgotten, and for how long. */
export class DisposalMetrics {
  readonly #means: { db: Db; now: () => Date; log: Logger };
  readonly #open: Gauge;
  readonly #oldest: Gauge;
  #overdue = 0;

  constructor({ registry }: Metrics, means: { db: Db; now: () => Date; log: Logger }) {
    this.#means = means;
    const registers = [registry];
    this.#open = new Gauge({
      name: 'leadwarden_open_disposals', help: 'Disposals that are not complete, counted up to 10000; overdue: under way for more than a day', labelNames: ['state'], registers,
    });
    this.#oldest = new Gauge({ name: 'leadwarden_open_disposals_oldest_seconds', help: 'For how long the oldest of them has been under way', registers });
  }

  /** Brings the measurements up to date, and calls for help when more have become overdue. Never fails. */
  async measure(): Promise<void> {
    const { db, now, log } = this.#means;
    const at = now();
    const found = await disposalFigures(db, plus(at, DISPOSAL_OVERDUE_AFTER, -1), MOST_COUNTED).catch(() => null);
    if (!found) return;
    this.#open.set({ state: 'all' }, found.open);
    this.#open.set({ state: 'overdue' }, found.overdue);
    this.#oldest.set(found.oldestOpenedAt ? Math.max(0, at.getTime() - found.oldestOpenedAt.getTime()) / 1_000 : 0);
    if (found.overdue > this.#overdue) log.warn({ overdue: found.overdue }, 'disposals have been under way for more than a day: a store does not confirm');
    this.#overdue = found.overdue;
  }
}
