import type { LeadReview } from '../domain/lead-card.ts';
import type { BroughtReview } from './messages.ts';

/** Older ones have waited for a worker: what they say of the next moment may be over. */
const FRESH_MS = 60_000;

/**
 * What woke a lead, and whether whoever did so has looked at it already. A review that was brought stands for a look of the
 * workflow's own, which would be another billed action, unless there is any doubt: it is old, or made before the last look, or
 * something else happened as well, or something has to be done about the lead's end. One look too many does no harm.
 */
export class BroughtWord {
  #latest: BroughtReview | undefined;
  #hasToLook = false;
  #lookedAt = 0;

  /** Hears of a wake: with a review, or without one. */
  hear(brought: unknown): void {
    if (!isReview(brought)) this.#hasToLook = true;
    else if (this.#latest === undefined || brought.madeAt >= this.#latest.madeAt) this.#latest = brought;
  }

  /** The review to live by, or undefined when the lead has to be looked at. Either way it begins anew. */
  take(): LeadReview | undefined {
    const [latest, hasToLook] = [this.#latest, this.#hasToLook];
    this.#latest = undefined;
    this.#hasToLook = false;
    if (latest === undefined || hasToLook || latest.review.action) return undefined;
    return latest.madeAt >= this.#lookedAt && Date.now() - latest.madeAt <= FRESH_MS ? latest.review : undefined;
  }

  /** Says that the lead has just been looked at. */
  looked(): void {
    this.#lookedAt = Date.now();
  }
}

/** Anybody may send a signal by hand. */
function isReview(brought: unknown): brought is BroughtReview {
  return typeof brought === 'object' && brought !== null && 'madeAt' in brought && typeof brought.madeAt === 'number' && 'review' in brought;
}
