import { recordProgress } from '../db/dnc-release-work.ts';
import type { ReleasePhase, ReleaseProgress } from '../db/dnc-releases.ts';
import type { ReleaseDeps } from './releases.ts';

export type OnProgress = (progress: ReleaseProgress) => void;

const TELL_EVERY_MS = 500;
const SECOND_MS = 1_000;

/** Tells and puts down how far a release has come, not more often than anybody looks, and keeps how long each phase took. */
export class Phases {
  readonly timings: Partial<Record<ReleasePhase | 'lock', number>> = {};
  readonly #db: ReleaseDeps['db'];
  readonly #releaseId: string;
  readonly #onProgress: OnProgress;
  #phase: ReleasePhase = 'reading';
  #total: number | null = null;
  #started = performance.now();
  #told = 0;

  constructor(db: ReleaseDeps['db'], releaseId: string, onProgress: OnProgress) {
    this.#db = db;
    this.#releaseId = releaseId;
    this.#onProgress = onProgress;
  }

  async begin(phase: ReleasePhase, total: number | null): Promise<void> {
    this.#phase = phase;
    this.#total = total;
    this.#started = performance.now();
    this.#told = 0;
    await this.report(0);
  }

  /** How much of the phase is done. */
  async report(done: number): Promise<void> {
    const now = performance.now();
    this.timings[this.#phase] = Math.round(now - this.#started);
    if (now - this.#told < TELL_EVERY_MS) return;
    this.#told = now;
    const seconds = (now - this.#started) / SECOND_MS;
    const perSecond = seconds > 0 ? Math.round(done / seconds) : 0;
    const left = this.#total === null || perSecond === 0 ? null : Math.max(0, Math.ceil((this.#total - done) / perSecond));
    const progress = { phase: this.#phase, done, total: this.#total, perSecond, remainingSeconds: left };
    this.#onProgress(progress);
    await recordProgress(this.#db, this.#releaseId, progress);
  }

  /** The phase has come to its end. */
  finish(): void {
    this.timings[this.#phase] = Math.round(performance.now() - this.#started);
  }
}
