import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that can be laid aside wherever it yields. */
export type Slices<Result> = Generator<undefined, Result>;

/** Does the work in one go. */
export function atOnce<Result>(work: Slices<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Does the work slice by slice, and lets others have the thread between two. */
export async function inSlices<Result>(work: Slices<Result>): Promise<Result> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}
