import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { WrongKeys } from '../db/key-check.ts';
import type { Stopping } from './stopping.ts';

const LONGEST_PAUSE_MS = 5_000;

/** Tries again until it works, however long a dependency takes to come up; says so, by name, when it has to wait. */
export async function eventually<T>(log: Logger, dependency: string, stopping: Stopping, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof WrongKeys) throw error;
      if (failures === 0) log.warn(`${dependency} does not answer; waiting for it`);
      await Promise.race([pause(Math.min(200 * 2 ** failures, LONGEST_PAUSE_MS)), stopping.promise]);
      if (stopping.asked) process.exit(0);
    }
  }
}
