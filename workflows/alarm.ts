import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/**
 * One timer at a time. An alarm that would ring before the new moment stays as it is: looking once too often is cheaper,
 * in events and billed actions, than cancelling and starting a timer for every signal.
 */
export class Alarm {
  readonly #summary: string;
  #ringsAt = Infinity;
  #label: string | null = null;
  #scope: CancellationScope | undefined;

  constructor(summary: string) {
    this.#summary = summary;
  }

  get rang(): boolean {
    return this.#ringsAt === Infinity;
  }

  /** Makes sure that the alarm rings within `ms`; `label` is that moment for readers. Answers the label of the alarm that is set. */
  ringWithin(ms: number, label: string | null): string | null {
    const ringsAt = Date.now() + ms;
    if (ringsAt >= this.#ringsAt) return this.#label;
    this.stop();
    this.#ringsAt = ringsAt;
    this.#label = label;
    this.#scope = new CancellationScope();
    void this.#scope.run(() => this.#wait(ms));
    return label;
  }

  stop(): void {
    this.#ringsAt = Infinity;
    this.#scope?.cancel();
  }

  async #wait(ms: number): Promise<void> {
    const ringsAt = this.#ringsAt;
    try {
      await sleep(ms, { summary: this.#summary });
      if (this.#ringsAt === ringsAt) this.#ringsAt = Infinity;
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }
}
