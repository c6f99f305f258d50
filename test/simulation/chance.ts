import { Random } from '../../bench/random.ts';

/** Chance that can be repeated: the same seed throws the same dice. */
export class Chance extends Random {
  happens(probability: number): boolean {
    return this.next() < probability;
  }

  oneOf<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new Error('There is nothing to choose from.');
    return this.pick(choices);
  }

  /** A moment from the first to the last, to the millisecond. */
  moment(first: Date, last: Date): Date {
    return new Date(first.getTime() + this.below(last.getTime() - first.getTime()));
  }
}
