import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { traceOf } from './failures.ts';
import { LIMITS } from './limits.ts';

/** Hands committed facts of some leads or imports to their workflows. */
export type Deliver = (subjects: readonly string[]) => Promise<void>;

/**
 * The immediate attempt to tell workflows of committed facts, so that a workflow is normally there before the answer is.
 * It never fails and never takes long: while attempts fail or are slow they are left to the relay altogether. Only jobs, which
 * are few, are tried all the same: in the relay they would wait behind every lead that came before them.
 */
export class Announcer {
  readonly #deliver: Deliver;
  readonly #log: Logger;
  #pausedUntil = 0;

  constructor(deliver: Deliver, log: Logger) {
    this.#deliver = deliver;
    this.#log = log;
  }

  async announce(subjects: readonly string[], isJob = false): Promise<void> {
    if (subjects.length === 0 || (!isJob && performance.now() < this.#pausedUntil)) return;
    const waiting = new AbortController();
    const attempt = this.#deliver(subjects).then(
      () => true,
      (error: unknown) => {
        this.#log.warn(traceOf(error), 'a fact was committed and its workflow could not be told; the relay will');
        return false;
      },
    );
    const patience = sleep(LIMITS.announcementMs, false, { signal: waiting.signal }).catch(() => false);
    const delivered = await Promise.race([attempt, patience]);
    waiting.abort();
    if (!delivered) this.#pausedUntil = performance.now() + LIMITS.announcementPauseMs;
  }
}
