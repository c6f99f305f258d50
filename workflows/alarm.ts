import { sleep } from '@temporalio/workflow';

/**
 * The moment at which a lead is looked at again by itself. A timer that rings early enough is kept, and one that has become
 * too late is left to ring: looking once too often costs less, in events, billed actions and worker memory, than a
 * cancellable timer for every lead and a new one for every signal. So there is nearly always exactly one.
 */
export class Alarm {
  /** Timers under way, the next one last. */
  readonly #timers: { at: number; label: string | null }[] = [];
  readonly #ring: () => void;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /**
   * Makes sure that it rings within `ms`, or so much later as `slack` says, at a moment that readers know as `label`; answers
   * the label of when it will ring.
   */
  ringWithin(ms: number, label: string | null, slack: number): string | null {
    const at = Date.now() + ms;
    const next = this.#timers.at(-1);
    if (next && next.at <= at + slack) return next.label;
    this.#timers.push({ at, label });
    const rings = sleep(ms, { summary: 'Next review' });
    rings.then(() => {
      this.#timers.pop();
      this.#ring();
    }, () => undefined);
    return label;
  }
}
