import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';

/** Held until it is released or the process ends, however it ends. */
export interface Lock {
  release(): void;
}

const SQLITE_BUSY = 5;

/**
 * Takes the lock that a file stands for, or says null when another process has it. SQLite keeps it as a lock of the
 * operating system, which is why nothing is left behind by a process that is killed (as a file with a process id would be).
 */
export function tryLock(file: string): Lock | null {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    throw error;
  }
}

/** Takes the lock as soon as its holder lets go of it; null when that takes longer than `waitMs`. */
export async function takeLock(file: string, waitMs: number, signal?: AbortSignal): Promise<Lock | null> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const lock = tryLock(file);
    if (lock !== null || Date.now() >= deadline) return lock;
    await sleep(100, undefined, { signal });
  }
}
