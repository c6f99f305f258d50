import type { BackupProgress } from '../../domain/backup-card.ts';

/** Before that nobody can tell how long it takes: the first bytes are the slowest. */
const TELLING_SECONDS = 2;

export type OnProgress = (progress: BackupProgress) => void;

/** Counts bytes and says, at every step, how far that is. `clock` is in milliseconds. */
export class Pace {
  readonly #onProgress: OnProgress;
  readonly #phase: BackupProgress['phase'];
  readonly #total: number;
  readonly #clock: () => number;
  readonly #started: number;
  #bytes = 0;
  at: string | null = null;

  constructor(phase: BackupProgress['phase'], total: number, onProgress: OnProgress, clock: () => number = () => performance.now()) {
    this.#phase = phase;
    this.#total = total;
    this.#onProgress = onProgress;
    this.#clock = clock;
    this.#started = clock();
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    const seconds = Math.max(0.001, (this.#clock() - this.#started) / 1000);
    const perSecond = this.#bytes / seconds;
    const left = Math.max(0, this.#total - this.#bytes);
    this.#onProgress({
      phase: this.#phase, at: this.at, done: this.#bytes, total: this.#total, perSecond,
      remainingSeconds: this.#total > 0 && perSecond > 0 && seconds >= TELLING_SECONDS ? Math.ceil(left / perSecond) : null,
    });
  }
}
