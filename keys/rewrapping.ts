import { setTimeout as pause } from 'node:timers/promises';
import type { Db, HeldTx } from '../db/connection.ts';
import { recordBatch, recordCourse, startPass, type KeyRotation } from '../db/key-rotations.ts';
import { countKeysUnder, rewrapBatch, reckonKeys, writeRewrapped, type Rewrapped } from '../db/subject-keys.ts';
import type { Vault } from '../db/vault.ts';
import type { RotationProgress } from '../domain/rotation-card.ts';

/** A transaction of a few hundredths of a second: whoever wants to destroy one of these keys waits no longer than that. */
const AT_ONCE = 2_000;
const CHECKED_AT_ONCE = 20_000;
/** How long it rests after a batch, as a part of what the batch took: others want the disk and the processor too. */
const REST = 0.25;
const BETWEEN_PASSES_MS = 500;

export interface Rewrapping {
  db: Db;
  vault: Vault;
  onProgress: (progress: RotationProgress) => void;
  signal: AbortSignal;
}

/**
 * Wraps the data key of every lead with the key in use, from where an earlier attempt left off, and goes through all of them
 * again until none is left under an older one: keys that were held, or written late, are met then. Answers null, or why some
 * had to be left.
 */
export async function rewrapAll(work: Rewrapping, rotation: KeyRotation): Promise<'unreadable_keys' | null> {
  const total = (await reckonKeys(work.db)) || null;
  await recordCourse(work.db, rotation.id, { keys_about: total === null ? null : BigInt(total) });
  for (let { pass, after_lead: after } = rotation; ; after = null) {
    const unreadable = await passThrough(work, rotation.id, after, new Pace('wrapping', Number(after === null ? 0n : rotation.keys_seen), total));
    const left = await countLeft(work, new Pace('checking', 0, total));
    if (left === 0) return null;
    if (left <= unreadable) return 'unreadable_keys';
    await pause(BETWEEN_PASSES_MS, undefined, { signal: work.signal });
    pass += 1;
    await startPass(work.db, rotation.id, pass);
  }
}

/**
 * One way through all keys; answers how many could not be opened. While one batch is written down the next is read and wrapped;
 * they are committed in their order, so that whoever goes on from there has missed none.
 */
async function passThrough(work: Rewrapping, id: string, from: string | null, pace: Pace): Promise<number> {
  const { db, vault, onProgress, signal } = work;
  let [unreadable, writing] = [0, Promise.resolve()];
  try {
    for (let after = from; ;) {
      signal.throwIfAborted();
      const start = performance.now();
      const tx = await db.startTransaction().execute();
      const batch = await orRolledBack(tx, rewrapBatch(tx, vault, after, AT_ONCE).finally(() => writing));
      writing = orRolledBack(tx, write(tx, vault, id, batch));
      // Whoever waits for it hears of it; until then nobody does, which is no reason to end the process.
      writing.catch(() => undefined);
      unreadable += batch.unreadable;
      onProgress(pace.advance(batch.seen));
      if (batch.last === null) return unreadable;
      after = batch.last;
      await pause((performance.now() - start) * REST, undefined, { signal });
    }
  } finally {
    await writing;
  }
}

async function write(tx: HeldTx, vault: Vault, id: string, batch: Rewrapped): Promise<void> {
  await writeRewrapped(tx, vault, batch);
  await recordBatch(tx, id, batch);
  await tx.commit().execute();
}

/** Whatever comes of some work in a transaction, the transaction is over if it fails. */
async function orRolledBack<T>(tx: HeldTx, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await tx.rollback().execute().catch(() => undefined);
    throw error;
  }
}

/** How many keys are still wrapped under an older key than the one in use. */
async function countLeft({ db, vault, onProgress, signal }: Rewrapping, pace: Pace): Promise<number> {
  const older = { least: 0, most: vault.wrapsWith - 1 };
  let left = 0;
  for (let after: string | null = null; ;) {
    signal.throwIfAborted();
    const page: Awaited<ReturnType<typeof countKeysUnder>> = await countKeysUnder(db, older, after, CHECKED_AT_ONCE);
    left += page.found;
    onProgress(pace.advance(page.seen));
    if (page.last === null) return left;
    after = page.last;
  }
}

/** How fast this attempt gets on. */
class Pace {
  readonly #phase: 'wrapping' | 'checking';
  readonly #total: number | null;
  readonly #before: number;
  readonly #startedAt = performance.now();
  #done: number;

  constructor(phase: 'wrapping' | 'checking', done: number, total: number | null) {
    this.#phase = phase;
    this.#total = total;
    this.#before = done;
    this.#done = done;
  }

  advance(keys: number): RotationProgress {
    this.#done += keys;
    const perSecond = Math.round((this.#done - this.#before) / Math.max((performance.now() - this.#startedAt) / 1000, 0.001));
    const left = Math.max(0, (this.#total ?? 0) - this.#done);
    const remainingSeconds = this.#total === null || perSecond === 0 ? null : Math.ceil(left / perSecond);
    return { phase: this.#phase, done: this.#done, total: this.#total, perSecond, remainingSeconds };
  }
}
