import type { Logger } from 'pino';
import { Gauge, Histogram } from 'prom-client';
import type { Db } from '../db/connection.ts';
import { readWaitingStatements } from '../gate/opt-out-latency.ts';
import type { Metrics } from './metrics.ts';

/** How soon opt-outs hold: those that are clear from their commit on, the others once a person has read them. */
export class OptOutMetrics {
  readonly #means: { db: Db; now: () => Date; log: Logger };
  readonly #recording: Histogram;
  readonly #waiting: Gauge;
  readonly #oldest: Gauge;
  #overdue = 0;

  constructor({ registry }: Metrics, means: { db: Db; now: () => Date; log: Logger }) {
    this.#means = means;
    const registers = [registry];
    this.#recording = new Histogram({
      name: 'leadwarden_opt_out_recording_seconds',
      help: 'From the receipt of an opt-out by webhook to the commit from which on nobody is cleared against it',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers,
    });
    this.#waiting = new Gauge({
      name: 'leadwarden_unclear_opt_outs', help: 'Statements that wait for a person, counted up to 1000; overdue: for longer than the law allows', labelNames: ['state'], registers,
    });
    this.#oldest = new Gauge({ name: 'leadwarden_unclear_opt_outs_oldest_seconds', help: 'For how long the oldest of them has waited', registers });
  }

  /** An opt-out is on record that came in at a moment. */
  recorded(receivedAt: Date): void {
    this.#recording.observe(Math.max(0, this.#means.now().getTime() - receivedAt.getTime()) / 1_000);
  }

  /** Brings the measurements up to date, and calls for help when more has become overdue. Never fails. */
  async measure(): Promise<void> {
    const { db, now, log } = this.#means;
    const at = now();
    const found = await readWaitingStatements(db, at).catch(() => null);
    if (!found) return;
    this.#waiting.set({ state: 'open' }, found.open);
    this.#waiting.set({ state: 'overdue' }, found.overdue);
    this.#oldest.set(found.oldestReceivedAt ? Math.max(0, at.getTime() - found.oldestReceivedAt.getTime()) / 1_000 : 0);
    if (found.overdue > this.#overdue) log.warn({ overdue: found.overdue }, 'statements that may be opt-outs have waited for longer than the law allows');
    this.#overdue = found.overdue;
  }
}
