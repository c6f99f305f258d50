/**
 * What is being done for a lead beside its life: each errand once, however often a review asks for it. One that comes to nothing
 * is asked for again by a later review, because its fact still says that it is open.
 */
export class Errands {
  readonly #underWay = new Set<string>();
  readonly #run: (id: string) => Promise<unknown>;

  constructor(run: (id: string) => Promise<unknown>) {
    this.#run = run;
  }

  /** Starts those that are not under way. */
  see(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#underWay.has(id)) continue;
      this.#underWay.add(id);
      const done = () => void this.#underWay.delete(id);
      this.#run(id).then(done, done);
    }
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }
}
