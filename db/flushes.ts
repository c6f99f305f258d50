/** What became of an item, or will: one that takes longer by itself keeps nobody waiting. */
type Settled<Result> = PromiseSettledResult<Result> | Promise<PromiseSettledResult<Result>>;
type Work<Item, Result> = (items: readonly Item[]) => Promise<Settled<Result>[]>;

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Brings together what comes in at the same time: everything of one turn of the event loop is one piece of work, up to a size,
 * and so many pieces are under way at once. What comes alone goes at once.
 */
export class Flushes<Item, Result> {
  readonly #work: Work<Item, Result>;
  readonly #most: { size: number; underWay: number };
  readonly #waiting: Waiting<Item, Result>[] = [];
  #underWay = 0;
  #planned = false;

  constructor(work: Work<Item, Result>, most: { size: number; underWay: number }) {
    this.#work = work;
    this.#most = most;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#planned || this.#waiting.length === 0) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      while (this.#mayStart()) void this.#flush();
    });
  }

  /** What comes alone goes at once; beside other work only what is worth a transaction of its own. */
  #mayStart(): boolean {
    const enough = this.#underWay === 0 ? 1 : this.#most.size / 4;
    return this.#waiting.length >= enough && this.#underWay < this.#most.underWay;
  }

  async #flush(): Promise<void> {
    const taken = this.#waiting.splice(0, this.#most.size);
    this.#underWay += 1;
    try {
      const results = await this.#work(taken.map(({ item }) => item));
      taken.forEach((waiting, index) => void settle(waiting, results[index]));
    } catch (error) {
      for (const { reject } of taken) reject(error);
    } finally {
      this.#underWay -= 1;
      this.#plan();
    }
  }
}

async function settle<Result>({ resolve, reject }: Waiting<unknown, Result>, settled?: Settled<Result>): Promise<void> {
  const result = await settled;
  if (result?.status === 'fulfilled') resolve(result.value);
  else reject(result ? result.reason : new Error('a piece of work left an item without a result'));
}
