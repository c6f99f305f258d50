import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Db } from '../db/connection.ts';
import { handOutJournalEntries } from '../db/journal-entries.ts';
import type { Journal, JournalEntry } from '../endings/journal/journal.ts';

const BATCH = 1_000;
const IDLE_MS = 200;
const LONGEST_PAUSE_MS = 15_000;

export interface JournalRelayDependencies {
  db: Db;
  journal: Journal;
  log: Logger;
}

/**
 * Carries what the database notes for the journal out of it: in order, at least once, and removed from the database only when it
 * is on disk outside. As many of these as there are workers may run. While either side is away it waits and goes on where it was.
 */
export function startJournalRelay({ db, journal, log }: JournalRelayDependencies): { stop(): Promise<void> } {
  const ending = new AbortController();
  const running = carry();
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };

  async function carry(): Promise<void> {
    let failures = 0;
    while (!ending.signal.aborted) {
      const wait = await handOutJournalEntries(db, BATCH, (entries) => journal.append(entries as JournalEntry[])).then(
        (count) => {
          failures = 0;
          return count === BATCH ? 0 : IDLE_MS;
        },
        (error: unknown) => {
          failures += 1;
          if (failures === 1) log.error({ reason: error instanceof Error ? error.name : 'unknown' }, 'the journal cannot be written: what happens now would be lost with the database');
          return Math.min(100 * 2 ** failures, LONGEST_PAUSE_MS);
        },
      );
      await pause(wait, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }
}
