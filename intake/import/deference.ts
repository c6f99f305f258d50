import { setTimeout as pause } from 'node:timers/promises';
import { latestClearance } from '../../db/clearances.ts';
import type { Db } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';

/** Enough rows for the cost of a transaction not to matter, few enough for nobody to wait long for one. */
const BATCH_ROWS = 5_000;
/** A batch of these does not keep a core, or the disk, busy for longer than somebody on the telephone notices. */
const BATCH_ROWS_BESIDE = 500;
/** Whoever asked may ask again: so long after the last question somebody is still there. */
const SOMEBODY_THERE_MS = 2_000;
const MOST_REST_MS = 1_000;

/**
 * How an import gives way to those who ask whether they may contact somebody. Files can wait, callers cannot: while anybody
 * asks, batches are small, nothing is read ahead, and after each there is a rest as long as it took.
 */
export class Deference {
  readonly #db: Db;
  #latest = newId();
  #askedAt = -Infinity;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Looks whether somebody has been answered since it last looked. */
  async look(): Promise<void> {
    const found = await latestClearance(this.#db, this.#latest);
    if (found === null) return;
    this.#latest = found;
    this.#askedAt = performance.now();
  }

  get givesWay(): boolean {
    return performance.now() - this.#askedAt < SOMEBODY_THERE_MS;
  }

  get batchRows(): number {
    return this.givesWay ? BATCH_ROWS_BESIDE : BATCH_ROWS;
  }

  /** After a piece of work: where somebody is there, leaves the machine to them for as long as the work took. */
  async giveWay(workMs: number): Promise<void> {
    await this.look();
    if (this.givesWay) await pause(Math.min(workMs, MOST_REST_MS));
  }
}
