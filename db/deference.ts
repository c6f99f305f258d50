import { setTimeout as pause } from 'node:timers/promises';
import { latestClearance } from './clearances.ts';
import type { Db } from './connection.ts';
import { newId } from './ids.ts';

/** Whoever asked may ask again: so long after the last question somebody is still there. */
const SOMEBODY_THERE_MS = 2_000;
const MOST_REST_MS = 1_000;

/**
 * How work that can wait gives way to those who ask whether they may contact somebody: callers cannot. While anybody asks, there
 * is a rest after each piece of work, as long as it took.
 */
export class Deference {
  readonly #db: Db;
  #latest = newId();
  #askedAt = -Infinity;
  #givesWay = false;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Looks whether somebody has been answered since it last looked. */
  async look(): Promise<void> {
    const found = await latestClearance(this.#db, this.#latest);
    const now = performance.now();
    if (found !== null) [this.#latest, this.#askedAt] = [found, now];
    this.#givesWay = now - this.#askedAt < SOMEBODY_THERE_MS;
  }

  /** Whether somebody was there when it last looked: however long the work since then and the rest took. */
  get givesWay(): boolean {
    return this.#givesWay;
  }

  /** After a piece of work: looks, and where somebody is there leaves the machine to them for as long as the work took. */
  async giveWay(workMs: number): Promise<void> {
    await this.look();
    if (this.#givesWay) await pause(Math.min(workMs, MOST_REST_MS));
  }
}
