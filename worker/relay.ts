import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Db } from '../db/connection.ts';
import { deliverLane, importInProgress, type Send } from '../db/outbox.ts';

const BATCH = 20;
const IDLE_MS = 200;
const LONGEST_PAUSE_MS = 15_000;

export interface RelayDependencies {
  db: Db;
  send: Send;
  now: () => Date;
  log: Logger;
  /** Messages a second of the bulk lane; fewer while an import runs, which then has the machine to itself. */
  rate: number;
  rateDuringImport: number;
}

export interface Relay {
  /** Lets the deliveries under way finish, and starts no more. */
  stop(): Promise<void>;
}

/**
 * Carries the outbox to the workflows. As many relays as there are workers may run; a subject is in one hand at a time. While
 * Temporal or PostgreSQL is away it waits, a little longer each time, and goes on where it was.
 */
export function startRelay(dependencies: RelayDependencies): Relay {
  const ending = new AbortController();
  const lanes = Promise.all([
    runAtOnce(0, dependencies, ending.signal), runAtOnce(2, dependencies, ending.signal), runBulk(dependencies, ending.signal),
  ]);
  return {
    async stop() {
      ending.abort();
      await lanes;
    },
  };
}

/** Messages for which somebody waits; those for endpoints beside those for leads, because a thousand may be due at once. */
function runAtOnce(lane: 0 | 2, { db, send, now, log }: RelayDependencies, ending: AbortSignal): Promise<void> {
  return repeat(log, ending, async () => {
    const delivered = await deliverLane(db, lane, BATCH, now(), send);
    return delivered > 0 ? 0 : IDLE_MS;
  });
}

function runBulk({ db, send, now, log, rate, rateDuringImport }: RelayDependencies, ending: AbortSignal): Promise<void> {
  return repeat(log, ending, async () => {
    const allowed = (await importInProgress(db)) ? rateDuringImport : rate;
    const batch = Math.max(1, Math.min(BATCH, Math.floor(allowed / 4)));
    const started = performance.now();
    const delivered = await deliverLane(db, 1, batch, now(), send);
    const due = (delivered * 1000) / allowed - (performance.now() - started);
    return delivered > 0 ? Math.max(due, 0) : IDLE_MS;
  });
}

/** Runs one step after another, with the pause each of them asks for; failures are logged once per streak and waited out. */
async function repeat(log: Logger, ending: AbortSignal, step: () => Promise<number>): Promise<void> {
  let failures = 0;
  while (!ending.aborted) {
    const wait = await step().then(
      (ms) => {
        if (failures > 0) log.info('the relay delivers again');
        failures = 0;
        return ms;
      },
      (error: unknown) => {
        failures += 1;
        if (failures === 1) log.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'the relay cannot deliver and keeps trying');
        return Math.min(100 * 2 ** failures, LONGEST_PAUSE_MS);
      },
    );
    await pause(wait, undefined, { signal: ending }).catch(() => undefined);
  }
}
