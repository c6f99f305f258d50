import type { ImportProgress } from '../../domain/import-card.ts';

/** How fast this run gets on. Counts what it did itself, so that the time since an earlier run does not matter. */
export class Pace {
  rowsPerSecond = 0;
  #rows: number;
  readonly #total: number;
  readonly #before: number;
  readonly #startedAt = performance.now();

  constructor(rows: number, total: number) {
    this.#rows = rows;
    this.#before = rows;
    this.#total = total;
  }

  advance(rows: number): ImportProgress {
    this.#rows += rows;
    this.rowsPerSecond = Math.round((this.#rows - this.#before) / Math.max((performance.now() - this.#startedAt) / 1000, 0.001));
    const remainingSeconds = this.rowsPerSecond === 0 ? null : Math.ceil((this.#total - this.#rows) / this.rowsPerSecond);
    return { records: this.#rows, total: this.#total, rowsPerSecond: this.rowsPerSecond, remainingSeconds };
  }
}
